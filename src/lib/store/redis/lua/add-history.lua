-- Adds a line to a batch's history, which keeps the latest ones.
redis.call('LPUSH', history, entry)
redis.call('LTRIM', history, 0, keptEntries - 1)
