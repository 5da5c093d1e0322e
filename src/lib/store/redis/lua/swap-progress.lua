-- Replaces a row's progress if it still is what the caller read.
-- KEYS: 1 batch  2 under way  3 outcomes  4 again
-- ARGV: 1 row  2 expected progress or ''  3 next progress  4 state before  5 state after  6 '1' hands the row back
--       7 '1': only while the batch runs
-- Returns: 'swapped' | 'changed' | 'has_outcome'
if redis.call('HEXISTS', KEYS[3], ARGV[1]) == 1 then
  return 'has_outcome'
end
local present = redis.call('HGET', KEYS[2], ARGV[1]) or ''
if present == ARGV[3] then
  return 'swapped' -- the caller's own write, whose answer was lost
end
if present == '' and redis.call('HEXISTS', KEYS[1], 'cancelledAtMs') == 1 then
  return 'has_outcome' -- the row was cancelled together with all others that were not begun
end
if present ~= ARGV[2] then
  return 'changed'
end
if ARGV[7] == '1' and redis.call('HGET', KEYS[1], 'state') ~= 'running' then
  return 'changed'
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
if ARGV[4] ~= ARGV[5] then
  redis.call('HINCRBY', KEYS[1], 'n:' .. ARGV[4], -1)
  redis.call('HINCRBY', KEYS[1], 'n:' .. ARGV[5], 1)
  redis.call('HINCRBY', KEYS[1], 'moves', 1)
end
if ARGV[6] == '1' then
  redis.call('ZADD', KEYS[4], ARGV[1], ARGV[1])
else
  redis.call('ZREM', KEYS[4], ARGV[1])
end
return 'swapped'
