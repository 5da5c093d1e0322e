-- Counts a step of a renewal. `calls`: what it adds to the calls under way, -1 to 1. `orphans`: what it adds to the
-- sessions that may exist. Uses `batch`.
local function countRenewal(calls, orphans)
  redis.call('HINCRBY', batch, 'renewing', calls)
  redis.call('HINCRBY', batch, 'orphans', orphans)
  redis.call('HINCRBY', batch, 'moves', 1)
end
