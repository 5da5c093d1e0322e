-- Notes an attempt to write a batch's report to `place`; nothing if the place is another one by now. `attempt`: JSON, or
-- '' for a place that was found good.
if redis.call('HGET', batch, 'reportTo') ~= place then
  return
end
if attempt == '' then
  redis.call('HDEL', batch, 'reportLast')
else
  redis.call('HSET', batch, 'reportLast', attempt)
end
