-- Reads what every stage looks at before it works on a row.
-- Returns: {batch's state, its options, when it was cancelled or nil, progress or nil, 1 when the row has an outcome}
local state, options, cancelledAtMs = unpack(redis.call('HMGET', batch, 'state', 'options', 'cancelledAtMs'))
local progress = redis.call('HGET', underWay, row)
return { state, options, cancelledAtMs, progress, redis.call('HEXISTS', outcomes, row) }
