-- Pauses a running batch automatically and queues a notice about it.
-- KEYS: 1 batch  2 pending notices
-- ARGV: 1 transitions as JSON {from: to}  2 reason  3 now in ms
-- Returns: the new state, or nil when the batch does not run
local nextState = cjson.decode(ARGV[1])[redis.call('HGET', KEYS[1], 'state') or '']
if not nextState then
  return nil
end
redis.call('HSET', KEYS[1], 'state', nextState, 'reason', ARGV[2])
redis.call('SADD', KEYS[2], batchWord .. ' ' .. ARGV[3] .. ' paused_itself')
return nextState
