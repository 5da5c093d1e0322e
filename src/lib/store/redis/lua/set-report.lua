-- Changes where workers write a batch's report, and has them write it, or check the place. `shown`: the place without
-- what may be secret. Returns: 1 if the place has changed, else 0
local isOther = redis.call('HGET', batch, 'reportTo') ~= place
if isOther then
  redis.call('HSET', batch, 'reportTo', place, 'reportPlace', shown)
  redis.call('HDEL', batch, 'reportLast')
end
redis.call('SADD', untold, batchWord .. ' ' .. nowMs .. ' report_wanted')
return isOther and 1 or 0
