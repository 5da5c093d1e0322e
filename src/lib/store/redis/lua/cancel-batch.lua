-- Cancels a batch at once, however many rows wait: rows without outcome and progress count as cancelled from now on.
-- Rows with progress may be many, too (retried ones); `cancel-rows` ends them page by page.
-- Returns: the new state, or nil if the batch cannot be cancelled
local state = redis.call('HGET', batch, 'state') or ''
local nextState = whenCancelled[state]
if not nextState then
  return nil
end
if state == 'importing' then -- an older version may have started it without the field
  redis.call('HSETNX', batch, 'readToEnd', '0')
end
-- Every row beyond `waiting` has progress, so all rows without progress are waiting.
local begun = redis.call('HLEN', underWay)
local cancelled = countPending() - begun
redis.call('UNLINK', again)
redis.call('HDEL', batch, 'keepAlive')
redis.call('HSET', batch, 'reason', reason, 'cancelledAtMs', nowMs)
redis.call('HINCRBY', batch, 'n:waiting', 0 - cancelled) -- not -cancelled: HINCRBY refuses Lua's -0
redis.call('HINCRBY', batch, 'n:cancelled', cancelled)
redis.call('HINCRBY', batch, 'implicitCancelled', cancelled)
redis.call('HINCRBY', batch, 'moves', 1)
if cancelled > 0 then
  announce({ untouchedRows })
end
if begun == 0 then
  nextState = whenAllEnded[nextState]
  redis.call('HSET', batch, 'finishedAtMs', nowMs)
  redis.call('SADD', untold, batchWord .. ' ' .. nowMs)
end
redis.call('HSET', batch, 'state', nextState)
return nextState
