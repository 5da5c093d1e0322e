-- Reads what every stage looks at before it works on a row.
-- KEYS: 1 batch  2 under way  3 outcomes
-- ARGV: 1 row
-- Returns: {batch's state, its options, when it was cancelled or nil, progress or nil, 1 when the row has an outcome}
local batch = redis.call('HMGET', KEYS[1], 'state', 'options', 'cancelledAtMs')
local progress = redis.call('HGET', KEYS[2], ARGV[1])
return { batch[1], batch[2], batch[3], progress, redis.call('HEXISTS', KEYS[3], ARGV[1]) }
