-- Deletes the batch itself, whose other keys are gone, and what points at it.
-- KEYS: 1 batch  2 identities  3 shares  4 batches  5 arranged  6 mending of the batch that it mends, if it mends one
local id, identity = unpack(redis.call('HMGET', KEYS[1], 'id', 'identity'))
redis.call('HDEL', KEYS[2], identity or '')
redis.call('HDEL', KEYS[3], id)
redis.call('ZREM', KEYS[4], id)
redis.call('SREM', KEYS[5], id)
if KEYS[6] then
  redis.call('ZREM', KEYS[6], id)
end
redis.call('UNLINK', KEYS[1])
