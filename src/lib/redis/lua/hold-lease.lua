-- Takes the lease, or keeps it for longer. Returns 1 when it is held.
local holder = redis.call('GET', lease)
if holder and holder ~= me then
  return 0
end
redis.call('SET', lease, me, 'PX', leaseMs)
return 1
