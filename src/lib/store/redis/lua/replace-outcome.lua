-- Puts another outcome in the place of one that proved wrong, if the row still has that; it is kept with the row's earlier
-- outcomes.
-- KEYS: 1 batch  2 outcomes  3 errors  4 earlier  5 sessions  6 marks
-- ARGV: 1 row
--       2 expected outcome  3 its status  4 its error code or ''  5 its session bucket or ''
--       6 next outcome  7 its status  8 its error code or ''  9 its error message  10 its mark
-- Returns: 1 when replaced, else 0
local row, expected = ARGV[1], ARGV[2]
if redis.call('HGET', KEYS[2], row) ~= expected then
  return 0
end
local earlier = redis.call('HGET', KEYS[4], row)
redis.call('HSET', KEYS[4], row, earlier and (earlier .. '\n' .. expected) or expected)
redis.call('HSET', KEYS[2], row, ARGV[6])
redis.call('SETRANGE', KEYS[6], (row - 1) * 2, ARGV[10])
redis.call('HINCRBY', KEYS[1], 'n:' .. ARGV[3], -1)
redis.call('HINCRBY', KEYS[1], 'n:' .. ARGV[7], 1)
redis.call('HINCRBY', KEYS[1], 'moves', 1)
if ARGV[4] ~= '' and redis.call('HINCRBY', KEYS[3], 'n:' .. ARGV[4], -1) <= 0 then
  redis.call('HDEL', KEYS[3], 'n:' .. ARGV[4], 'message:' .. ARGV[4])
end
if ARGV[5] ~= '' then
  redis.call('HINCRBY', KEYS[5], ARGV[5], -1)
end
if ARGV[8] ~= '' then
  redis.call('HINCRBY', KEYS[3], 'n:' .. ARGV[8], 1)
  redis.call('HSETNX', KEYS[3], 'message:' .. ARGV[8], ARGV[9])
end
return 1
