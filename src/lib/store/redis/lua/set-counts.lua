-- Sets a batch's counters to a recount that has marked every row, if none has moved since it began. Dispatch begins again
-- at the first untouched row in any case: it passes over what has moved meanwhile.
-- `firstUntouched` is '' where there is none. `counters`: counter, value, counter, value …
-- Returns: 1 when set, else 0
if firstUntouched ~= '' and tonumber(firstUntouched) < tonumber(redis.call('HGET', batch, 'cursor')) then
  redis.call('HSET', batch, 'cursor', firstUntouched)
  -- Whoever is dispatching has seen less than lies behind the cursor now.
  redis.call('HINCRBY', batch, 'reopenings', 1)
end
if (redis.call('HGET', batch, 'moves') or '0') ~= movesBefore then
  return 0
end
redis.call('HSET', batch, 'isMarked', '1', unpack(counters))
return 1
