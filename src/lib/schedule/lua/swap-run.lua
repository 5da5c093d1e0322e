-- Replaces a run if it still is what the caller read.
-- KEYS: 1 runs of a schedule
-- ARGV: 1 planned time in ms  2 expected text  3 next text
-- Returns: 1 when replaced, else 0
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
