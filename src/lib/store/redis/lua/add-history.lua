-- Adds a line to a batch's history.
-- KEYS: 1 batch  2 history
-- ARGV: 1 entry  2 how many are kept
redis.call('LPUSH', KEYS[2], ARGV[1])
redis.call('LTRIM', KEYS[2], 0, ARGV[2] - 1)
