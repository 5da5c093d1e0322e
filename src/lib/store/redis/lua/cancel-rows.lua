-- Ends some rows of a batch that is being cancelled, as if they had not been begun. Rows that were called before or are
-- being called keep their progress, and end one by one.
-- KEYS: 1 batch  2 under way
-- ARGV: 1 transitions when all rows have ended, as JSON {from: to}  2 now in ms  3… rows
-- Returns: the batch's state
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'cancelling' or redis.call('HEXISTS', KEYS[1], 'cancelledAtMs') == 0 then
  return state -- its rows are retried meanwhile
end
local ended = {}
for i = 3, #ARGV do
  local text = redis.call('HGET', KEYS[2], ARGV[i])
  local progress = text and cjson.decode(text)
  if progress and not progress.isCalling and progress.attempts == 0 and progress.lostCalls == 0 then
    redis.call('HDEL', KEYS[2], ARGV[i])
    ended[progress.state] = (ended[progress.state] or 0) + 1
  end
end
for pending, rows in pairs(ended) do
  redis.call('HINCRBY', KEYS[1], 'n:' .. pending, -rows)
  redis.call('HINCRBY', KEYS[1], 'n:cancelled', rows)
  redis.call('HINCRBY', KEYS[1], 'implicitCancelled', rows)
  redis.call('HINCRBY', KEYS[1], 'moves', 1)
end
if redis.call('HLEN', KEYS[2]) == 0 then
  state = cjson.decode(ARGV[1])[state]
  redis.call('HSET', KEYS[1], 'state', state, 'finishedAtMs', ARGV[2])
end
return state
