-- Stops a running action; what it has done stays.
-- Returns: its state now, or nil when there is none
local state = redis.call('HGET', bulk, 'state')
if state ~= 'running' then
  return state or nil
end
redis.call('HSET', bulk, 'state', 'stopped', 'endedAtMs', nowMs, 'stoppedBy', who)
redis.call('SREM', bulkUnderWay, id)
for _, key in ipairs({ bulk, bulkBatches, bulkLeft }) do
  redis.call('PEXPIRE', key, keptMs)
end
return 'stopped'
