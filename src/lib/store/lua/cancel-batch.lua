-- Cancels a batch at once, however many rows wait: rows without outcome and progress count as cancelled from now
-- on. Rows that were called before or are being called keep their progress, and end one by one.
-- KEYS: 1 batch  2 under way  3 again
-- ARGV: 1 transitions as JSON {from: to}  2 transitions when all rows have ended, as JSON  3 reason or ''  4 now in ms
-- Returns: the new state, or nil when the batch cannot be cancelled
local nextState = cjson.decode(ARGV[1])[redis.call('HGET', KEYS[1], 'state') or '']
if not nextState then
  return nil
end
local cancelled = 0
local kept, waitingStill = 0, 0
-- Rows under way are a window of a few seconds' work, so this reads little.
local underWay = redis.call('HGETALL', KEYS[2])
for i = 1, #underWay, 2 do
  local progress = cjson.decode(underWay[i + 1])
  if progress.isCalling or progress.attempts > 0 or progress.lostCalls > 0 then
    kept = kept + 1
    if progress.state == 'waiting' then
      waitingStill = waitingStill + 1
    end
  else
    redis.call('HDEL', KEYS[2], underWay[i])
    if progress.state ~= 'waiting' then
      redis.call('HINCRBY', KEYS[1], 'n:' .. progress.state, -1)
      cancelled = cancelled + 1
    end
  end
end
cancelled = cancelled + tonumber(redis.call('HGET', KEYS[1], 'n:waiting')) - waitingStill
redis.call('DEL', KEYS[3])
redis.call('HSET', KEYS[1], 'n:waiting', waitingStill, 'reason', ARGV[3], 'cancelledAtMs', ARGV[4])
redis.call('HINCRBY', KEYS[1], 'n:cancelled', cancelled)
redis.call('HINCRBY', KEYS[1], 'implicitCancelled', cancelled)
redis.call('HINCRBY', KEYS[1], 'moves', 1)
if kept == 0 then
  nextState = cjson.decode(ARGV[2])[nextState]
  redis.call('HSET', KEYS[1], 'finishedAtMs', ARGV[4])
end
redis.call('HSET', KEYS[1], 'state', nextState)
return nextState
