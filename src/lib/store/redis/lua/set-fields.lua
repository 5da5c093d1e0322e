-- Sets fields of a batch that no counter depends on.
-- KEYS: 1 batch
-- ARGV: field, value (two per field)
redis.call('HSET', KEYS[1], unpack(ARGV))
