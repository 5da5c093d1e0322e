-- Notes an attempt to write a batch's report to `place`; nothing if the place has changed meanwhile. `attempt`: JSON,
-- or '' for a place that can be written to.
if redis.call('HGET', batch, 'reportTo') ~= place then
  return
end
if attempt == '' then
  redis.call('HDEL', batch, 'reportLast')
else
  redis.call('HSET', batch, 'reportLast', attempt)
end
