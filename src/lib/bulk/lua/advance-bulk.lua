-- Records one step of a running action, unless another process has already done so. `next`: where
-- the next step begins, or '' after the last one. `sentence` may be ''. Returns: 1 if the action
-- continues, 0 if not
local state, position = unpack(redis.call('HMGET', bulk, 'state', 'position'))
if state ~= 'running' or position ~= expected then
  return 0
end
redis.call('HDEL', bulk, 'begun')
redis.call('HINCRBY', bulk, 'batches', batches)
redis.call('HINCRBY', bulk, 'rows', rows)
redis.call('HINCRBY', bulk, 'left', left)
if sentence ~= '' and redis.call('LLEN', bulkLeft) < tonumber(keptSentences) then
  redis.call('RPUSH', bulkLeft, sentence)
end
if next ~= '' then
  redis.call('HSET', bulk, 'position', next)
  return 1
end
redis.call('HSET', bulk, 'state', 'completed', 'endedAtMs', nowMs)
redis.call('SREM', bulkUnderWay, id)
for _, key in ipairs({ bulk, bulkBatches, bulkLeft }) do
  redis.call('PEXPIRE', key, keptMs)
end
return 0
