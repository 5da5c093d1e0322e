-- Sets a batch's counters to a recount that has marked every row, if no row has moved since it began. In any case
-- dispatch starts again at the first untouched row; it skips rows that have moved meanwhile.
-- `firstUntouched` is '' if there is none. `counters`: counter, value, counter, value …
-- Returns: 1 if set, else 0
if firstUntouched ~= '' and tonumber(firstUntouched) < tonumber(redis.call('HGET', batch, 'cursor')) then
  redis.call('HSET', batch, 'cursor', firstUntouched)
  -- A dispatch under way has not seen the rows that are now before the cursor.
  redis.call('HINCRBY', batch, 'reopenings', 1)
end
if (redis.call('HGET', batch, 'moves') or '0') ~= movesBefore then
  return 0
end
redis.call('HSET', batch, 'isMarked', '1', unpack(counters))
return 1
