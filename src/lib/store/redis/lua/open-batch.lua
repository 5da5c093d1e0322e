-- Makes a batch, or finds the one of the same identity.
-- KEYS: 1 identities  2 batch  3 batches  4 mending of the batch that it mends, if it mends one
-- ARGV: 1 batch id  2 identity  3 now in ms  4… field, value, field, value …
-- Returns: {'created', id, incarnation} | {'found', id, incarnation} | {'conflict'}
local known = redis.call('HGET', KEYS[1], ARGV[2])
-- What Redis lost of a batch may be its own record: then it is recreated and finds what is left of its rows.
if known then
  local found = redis.call('HMGET', string.sub(KEYS[2], 1, -1 - #ARGV[1]) .. known, 'id', 'incarnation')
  if found[1] then
    return { 'found', known, found[2] or '' }
  end
end
if redis.call('HEXISTS', KEYS[2], 'id') == 1 then
  return { 'conflict' }
end
redis.call('DEL', KEYS[2]) -- a worker may have counted on after the loss
redis.call('HSET', KEYS[2], unpack(ARGV, 4))
redis.call('HSET', KEYS[1], ARGV[2], ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1])
if KEYS[4] then
  redis.call('ZADD', KEYS[4], ARGV[3], ARGV[1])
end
return { 'created', ARGV[1], redis.call('HGET', KEYS[2], 'incarnation') }
