-- Reads the gate together with the server's clock, the one clock that all workers share.
-- KEYS: 1 gate
-- Returns: {text or '', now in ms}
local time = redis.call('TIME')
return { redis.call('GET', KEYS[1]) or '', tostring(time[1] * 1000 + math.floor(time[2] / 1000)) }
