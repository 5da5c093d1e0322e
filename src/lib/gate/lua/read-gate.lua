-- Reads the gate together with the server's clock, which all workers share.
-- Returns: {text or '', now in ms}
local time = redis.call('TIME')
return { redis.call('GET', gate) or '', tostring(time[1] * 1000 + math.floor(time[2] / 1000)) }
