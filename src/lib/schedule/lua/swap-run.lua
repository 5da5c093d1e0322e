-- Replaces a run if it is still what the caller read.
-- Returns: 1 if replaced, else 0
if redis.call('HGET', runs, plannedAtMs) ~= expected then
  return 0
end
redis.call('HSET', runs, plannedAtMs, next)
return 1
