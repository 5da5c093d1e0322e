-- Ends some rows of a batch that is being cancelled, as if they had not been begun. Rows that were called before, or
-- are being called, keep their progress and end one by one.
-- Returns: the batch's state
local state = redis.call('HGET', batch, 'state')
if state ~= 'cancelling' or redis.call('HEXISTS', batch, 'cancelledAtMs') == 0 then
  return state -- a retry reopened its rows meanwhile
end
local ended, announced = {}, {}
for _, row in ipairs(rows) do
  local text = redis.call('HGET', underWay, row)
  local progress = text and cjson.decode(text)
  if progress and not progress.isCalling and progress.attempts == 0 and progress.lostCalls == 0 then
    redis.call('HDEL', underWay, row)
    ended[progress.state] = (ended[progress.state] or 0) + 1
    announced[#announced + 1] = row
  end
end
for pending, count in pairs(ended) do
  redis.call('HINCRBY', batch, 'n:' .. pending, -count)
  redis.call('HINCRBY', batch, 'n:cancelled', count)
  redis.call('HINCRBY', batch, 'implicitCancelled', count)
  redis.call('HINCRBY', batch, 'moves', 1)
end
announce(announced)
if redis.call('HLEN', underWay) == 0 then
  state = whenAllEnded[state]
  redis.call('HSET', batch, 'state', state, 'finishedAtMs', nowMs)
  redis.call('SADD', untold, batchWord .. ' ' .. nowMs)
end
return state
