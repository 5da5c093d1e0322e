-- Starts a draft; does nothing to an action that was started before.
-- Returns: its state now, or nil when there is none
local state = redis.call('HGET', bulk, 'state')
if not state then
  return nil
end
if state ~= 'draft' then
  return state
end
redis.call('HSET', bulk, 'state', 'running', 'startedAtMs', nowMs)
redis.call('PERSIST', bulk)
redis.call('PERSIST', bulkBatches)
redis.call('SADD', bulkUnderWay, id)
redis.call('ZADD', bulkActions, nowMs, id)
redis.call('ZREMRANGEBYRANK', bulkActions, 0, -kept - 1)
return 'running'
