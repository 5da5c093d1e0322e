-- Makes the rows of a cancelled batch that never had an outcome wait again.
-- Returns: number of rows
local rows = tonumber(redis.call('HGET', batch, 'implicitCancelled'))
if rows > 0 then
  redis.call('HINCRBY', batch, 'n:cancelled', -rows)
  redis.call('HINCRBY', batch, 'n:waiting', rows)
  -- They may lie anywhere; dispatch skips rows that have ended.
  redis.call('HSET', batch, 'implicitCancelled', 0, 'cursor', 1)
  redis.call('HINCRBY', batch, 'reopenings', 1)
  redis.call('HINCRBY', batch, 'moves', 1)
  redis.call('HDEL', batch, 'cancelledAtMs')
  announce({ untouchedRows })
end
return rows
