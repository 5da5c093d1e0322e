-- Adds a line to a batch's history, which keeps the latest ones.
-- A full Redis refuses a script whose first write may need memory. So the one that frees some comes first: what was done
-- to the batch is stored by then, and a few bytes more must not make it look as if it failed.
redis.call('LTRIM', history, 0, keptEntries - 2)
redis.call('LPUSH', history, entry)
