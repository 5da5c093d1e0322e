-- Makes a schedule or changes it. What else its record must hold is put right where it is missing or damaged.
-- KEYS: 1 names of all schedules  2 schedule
-- ARGV: 1 name  2 definition as JSON  3 what its times follow from, as JSON  4 now in ms
-- Returns: 'created', 'changed' or 'unchanged'
local before, timing, plannedUntilMs, isPaused, createdAtMs =
  unpack(redis.call('HMGET', KEYS[2], 'definition', 'timing', 'plannedUntilMs', 'isPaused', 'createdAtMs'))
redis.call('ZADD', KEYS[1], 0, ARGV[1])
if isPaused ~= '0' and isPaused ~= '1' then
  redis.call('HSET', KEYS[2], 'isPaused', '0')
end
if not tonumber(createdAtMs) then
  redis.call('HSET', KEYS[2], 'createdAtMs', ARGV[4])
end
-- What the old times would have brought is not made up for.
local isNewTiming = timing ~= ARGV[3] or not tonumber(plannedUntilMs)
if isNewTiming then
  redis.call('HSET', KEYS[2], 'timing', ARGV[3], 'plannedUntilMs', ARGV[4])
end
if before == ARGV[2] and not isNewTiming then
  return 'unchanged'
end
redis.call('HSET', KEYS[2], 'definition', ARGV[2], 'setAtMs', ARGV[4])
return before and 'changed' or 'created'
