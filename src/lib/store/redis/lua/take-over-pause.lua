-- Turns a pause by a closed window into a person's pause, so that it does not end with the window.
-- Returns: 1 if it was such a pause, else 0
if redis.call('HGET', batch, 'state') ~= 'paused' or redis.call('HDEL', batch, 'pausedBy') == 0 then
  return 0
end
redis.call('HSET', batch, 'reason', reason)
return 1
