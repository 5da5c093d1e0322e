-- Sets a batch's counters to a recount, if they still are what they were when it began.
-- KEYS: 1 batch
-- ARGV: 1 possible orphans  2 rows that count as cancelled together  3 first untouched row or ''
--       4… counter, value before, value now (three per counter)
-- Returns: 1 when set, else 0
for i = 4, #ARGV, 3 do
  if redis.call('HGET', KEYS[1], ARGV[i]) ~= ARGV[i + 1] then
    return 0
  end
end
for i = 4, #ARGV, 3 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 2])
end
redis.call('HSET', KEYS[1], 'orphans', ARGV[1], 'implicitCancelled', ARGV[2], 'isMarked', '1')
if ARGV[3] ~= '' and tonumber(ARGV[3]) < tonumber(redis.call('HGET', KEYS[1], 'cursor')) then
  redis.call('HSET', KEYS[1], 'cursor', ARGV[3])
  -- Whoever is dispatching has seen less than lies behind the cursor now.
  redis.call('HINCRBY', KEYS[1], 'reopenings', 1)
end
return 1
