-- Reads what every stage needs to know before it works on a row.
-- Returns: {batch's state, its options, when it was cancelled or nil, progress or nil, 1 if the row has an outcome}
local state, options, cancelledAtMs = unpack(redis.call('HMGET', batch, 'state', 'options', 'cancelledAtMs'))
local progress = redis.call('HGET', underWay, row)
return { state, options, cancelledAtMs, progress, hasOutcome(row) and 1 or 0 }
