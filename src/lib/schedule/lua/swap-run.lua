-- Replaces a run if it still is what the caller read.
-- Returns: 1 when replaced, else 0
if redis.call('HGET', runs, plannedAtMs) ~= expected then
  return 0
end
redis.call('HSET', runs, plannedAtMs, next)
return 1
