-- Deletes a batch's own record, once its other keys are gone, and the entries that point to it. `mending`: the mending
-- key of the batch that it mends, or none.
local id, identity = unpack(redis.call('HMGET', batch, 'id', 'identity'))
redis.call('HDEL', identities, identity or '')
redis.call('HDEL', shares, id)
redis.call('ZREM', batches, id)
redis.call('SREM', arranged, id)
redis.call('ZREM', keyed, id)
for _, key in ipairs(mending) do
  redis.call('ZREM', key, id)
end
local first = redis.call('HGET', batch, 'feedFrom') -- its score, unique to this batch
if first then
  redis.call('ZREMRANGEBYSCORE', feedBatches, first, first)
end
-- Segments before the first event of the oldest remaining batch concern no batch any more.
local oldest = redis.call('ZRANGE', feedBatches, 0, 0, 'WITHSCORES')[2] or redis.call('HGET', feed, 'events') or 0
local dropped, keep = redis.call('HGET', feed, 'dropped') or 0, math.floor(math.max(oldest - 1, 0) / eventsPerSegment)
for segment = dropped, keep - 1 do
  redis.call('UNLINK', feed .. ':' .. segment)
end
if keep > tonumber(dropped) then
  redis.call('HSET', feed, 'dropped', keep)
end
if redis.call('EXISTS', feedBatches) == 0 then
  redis.call('UNLINK', feed .. ':' .. keep)
end
redis.call('UNLINK', batch)
