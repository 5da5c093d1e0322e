-- Makes a batch, or finds the one of the same identity. `mending`: none or one, that of the batch which it mends.
-- `fields`: field, value, field, value …
-- Returns: {'created', id, incarnation} | {'found', id, incarnation} | {'conflict'}
local known = redis.call('HGET', identities, identity)
-- What Redis lost of a batch may be its own record: then it is recreated and finds what is left of its rows.
if known then
  local found = redis.call('HMGET', string.sub(batch, 1, -1 - #id) .. known, 'id', 'incarnation')
  if found[1] then
    return { 'found', known, found[2] or '' }
  end
end
if redis.call('HEXISTS', batch, 'id') == 1 then
  return { 'conflict' }
end
redis.call('DEL', batch) -- a worker may have counted on after the loss
redis.call('HSET', batch, unpack(fields))
redis.call('HSET', identities, identity, id)
redis.call('ZADD', batches, nowMs, id)
for _, key in ipairs(mending) do
  redis.call('ZADD', key, nowMs, id)
end
return { 'created', id, redis.call('HGET', batch, 'incarnation') }
