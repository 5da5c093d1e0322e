-- Creates a batch, or finds the one of the same identity. `mending`: the mending key of the batch that it mends, or
-- none. `fields`: field, value, field, value …
-- Returns: {'created', id, incarnation} | {'found', id, incarnation} | {'conflict'}
local known = redis.call('HGET', identities, identity)
-- Redis may have lost the batch's own record. Then it is created again and finds its remaining rows.
if known then
  local found = redis.call('HMGET', string.sub(batch, 1, -1 - #id) .. known, 'id', 'incarnation')
  if found[1] then
    return { 'found', known, found[2] or '' }
  end
end
if redis.call('HEXISTS', batch, 'id') == 1 then
  return { 'conflict' }
end
redis.call('DEL', batch) -- a worker may have kept counting after the loss
redis.call('HSET', batch, unpack(fields))
redis.call('HSET', identities, identity, id)
redis.call('ZADD', batches, nowMs, id)
for _, key in ipairs(mending) do
  redis.call('ZADD', key, nowMs, id)
end
return { 'created', id, redis.call('HGET', batch, 'incarnation') }
