-- Deletes the batch itself, whose other keys are gone, and what points at it. `mending`: none or one, that of the batch
-- which it mends.
local id, identity = unpack(redis.call('HMGET', batch, 'id', 'identity'))
redis.call('HDEL', identities, identity or '')
redis.call('HDEL', shares, id)
redis.call('ZREM', batches, id)
redis.call('SREM', arranged, id)
for _, key in ipairs(mending) do
  redis.call('ZREM', key, id)
end
redis.call('UNLINK', batch)
