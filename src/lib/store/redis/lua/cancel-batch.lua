-- Cancels a batch at once, however many rows wait: rows without outcome and progress count as cancelled from now
-- on. Of rows with progress there may be many, too (retried ones); `cancel-rows` ends them page by page.
-- KEYS: 1 batch  2 under way  3 again
-- ARGV: 1 transitions as JSON {from: to}  2 transitions when all rows have ended, as JSON  3 reason or ''  4 now in ms
-- Returns: the new state, or nil when the batch cannot be cancelled
local nextState = cjson.decode(ARGV[1])[redis.call('HGET', KEYS[1], 'state') or '']
if not nextState then
  return nil
end
local begun = redis.call('HLEN', KEYS[2])
-- Every row that is further than `waiting` has progress; so the others with progress wait.
local waiting, waitingStill = 0, begun
for i, n in ipairs(redis.call('HMGET', KEYS[1], 'n:waiting', 'n:probing', 'n:ready', 'n:opening')) do
  if i == 1 then
    waiting = tonumber(n)
  else
    waitingStill = waitingStill - tonumber(n)
  end
end
local cancelled = waiting - waitingStill
redis.call('UNLINK', KEYS[3])
redis.call('HSET', KEYS[1], 'n:waiting', waitingStill, 'reason', ARGV[3], 'cancelledAtMs', ARGV[4])
redis.call('HINCRBY', KEYS[1], 'n:cancelled', cancelled)
redis.call('HINCRBY', KEYS[1], 'implicitCancelled', cancelled)
redis.call('HINCRBY', KEYS[1], 'moves', 1)
if begun == 0 then
  nextState = cjson.decode(ARGV[2])[nextState]
  redis.call('HSET', KEYS[1], 'finishedAtMs', ARGV[4])
end
redis.call('HSET', KEYS[1], 'state', nextState)
return nextState
