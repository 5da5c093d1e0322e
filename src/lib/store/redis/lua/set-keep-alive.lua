-- Changes until when a batch's sessions are renewed; `keepAlive` is JSON, or '' for no longer.
-- Returns: the batch's state
if keepAlive == '' then
  redis.call('HDEL', batch, 'keepAlive')
else
  redis.call('HSET', batch, 'keepAlive', keepAlive)
  redis.call('SADD', arranged, redis.call('HGET', batch, 'id'))
end
return redis.call('HGET', batch, 'state')
