-- Adds a line to the audit log, which keeps only the latest lines. A write that frees memory comes first, as in
-- add-history.lua.
redis.call('LTRIM', audit, 0, keptEntries - 2)
redis.call('LPUSH', audit, entry)
