-- Makes a pause that a shut window caused a person's, so that it does not end with it.
-- Returns: 1 when it was so, else 0
if redis.call('HGET', batch, 'state') ~= 'paused' or redis.call('HDEL', batch, 'pausedBy') == 0 then
  return 0
end
redis.call('HSET', batch, 'reason', reason)
return 1
