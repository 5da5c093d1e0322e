-- Adds a line to a batch's history, which keeps only the latest lines. A full Redis refuses a script whose first
-- write may need memory, so a write that frees memory comes first. The change to the batch is already stored, and
-- must not look as if it had failed for lack of a few bytes.
redis.call('LTRIM', history, 0, keptEntries - 2)
redis.call('LPUSH', history, entry)
