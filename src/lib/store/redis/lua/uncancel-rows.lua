-- Lets the rows of a cancelled batch that never had an outcome wait again.
-- KEYS: 1 batch
-- Returns: number of rows
local rows = tonumber(redis.call('HGET', KEYS[1], 'implicitCancelled'))
if rows > 0 then
  redis.call('HINCRBY', KEYS[1], 'n:cancelled', -rows)
  redis.call('HINCRBY', KEYS[1], 'n:waiting', rows)
  -- They may lie anywhere; dispatch passes over what has ended.
  redis.call('HSET', KEYS[1], 'implicitCancelled', 0, 'cursor', 1)
  redis.call('HINCRBY', KEYS[1], 'reopenings', 1)
  redis.call('HINCRBY', KEYS[1], 'moves', 1)
  redis.call('HDEL', KEYS[1], 'cancelledAtMs')
end
return rows
