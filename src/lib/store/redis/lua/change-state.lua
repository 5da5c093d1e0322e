-- Applies an event to a batch's state.
-- KEYS: 1 batch  2 pending notices
-- ARGV: 1 transitions as JSON {from: to}  2 reason or ''  3 '1' begins a new epoch
--       4 transitions when all rows have ended, as JSON  5 now in ms
-- Returns: the new state, or nil when the event does not apply
local state = redis.call('HGET', KEYS[1], 'state')
local nextState = state and cjson.decode(ARGV[1])[state]
if not nextState then
  return nil
end
local pending = 0
for _, n in ipairs(redis.call('HMGET', KEYS[1], 'n:waiting', 'n:probing', 'n:ready', 'n:opening')) do
  pending = pending + tonumber(n)
end
if pending > 0 then
  redis.call('HDEL', KEYS[1], 'finishedAtMs')
else
  nextState = cjson.decode(ARGV[4])[nextState] or nextState
  redis.call('HSET', KEYS[1], 'finishedAtMs', ARGV[5])
  redis.call('SADD', KEYS[2], batchWord .. ' ' .. ARGV[5])
end
redis.call('HSET', KEYS[1], 'state', nextState)
if nextState ~= state then -- rows of a paused batch may be reopened; it stays paused, and why
  redis.call('HSET', KEYS[1], 'reason', ARGV[2])
  redis.call('HDEL', KEYS[1], 'pausedBy')
end
if ARGV[3] == '1' then
  redis.call('HINCRBY', KEYS[1], 'epoch', 1)
  redis.call('HSET', KEYS[1], 'recent', '', 'failedRows', 0)
end
return nextState
