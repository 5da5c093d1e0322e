-- Makes a pause that a shut window caused a person's, so that it does not end with it.
-- KEYS: 1 batch
-- ARGV: 1 reason
-- Returns: 1 when it was so, else 0
if redis.call('HGET', KEYS[1], 'state') ~= 'paused' or redis.call('HDEL', KEYS[1], 'pausedBy') == 0 then
  return 0
end
redis.call('HSET', KEYS[1], 'reason', ARGV[1])
return 1
