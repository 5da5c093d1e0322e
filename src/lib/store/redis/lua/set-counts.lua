-- Sets a batch's counters to a recount that has marked every row, if none has moved since it began. Dispatch begins again
-- at the first untouched row in any case: it passes over what has moved meanwhile.
-- KEYS: 1 batch
-- ARGV: 1 moves when the recount began  2 possible orphans  3 rows that count as cancelled together
--       4 first untouched row or ''  5… counter, value (two per counter)
-- Returns: 1 when set, else 0
if ARGV[4] ~= '' and tonumber(ARGV[4]) < tonumber(redis.call('HGET', KEYS[1], 'cursor')) then
  redis.call('HSET', KEYS[1], 'cursor', ARGV[4])
  -- Whoever is dispatching has seen less than lies behind the cursor now.
  redis.call('HINCRBY', KEYS[1], 'reopenings', 1)
end
if (redis.call('HGET', KEYS[1], 'moves') or '0') ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'orphans', ARGV[2], 'implicitCancelled', ARGV[3], 'isMarked', '1', unpack(ARGV, 5))
return 1
