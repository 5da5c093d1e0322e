-- Creates or changes a schedule, and repairs other fields of its record that are missing or damaged.
-- `definition` is JSON, and so is `timing`, which determines the schedule's times.
-- Returns: 'created', 'changed' or 'unchanged'
local before, timingBefore, plannedUntilMs, isPaused, createdAtMs =
  unpack(redis.call('HMGET', schedule, 'definition', 'timing', 'plannedUntilMs', 'isPaused', 'createdAtMs'))
redis.call('ZADD', schedules, 0, name)
if isPaused ~= '0' and isPaused ~= '1' then
  redis.call('HSET', schedule, 'isPaused', '0')
end
if not tonumber(createdAtMs) then
  redis.call('HSET', schedule, 'createdAtMs', nowMs)
end
-- Runs that the old times would have started are not made up for.
local isNewTiming = timingBefore ~= timing or not tonumber(plannedUntilMs)
if isNewTiming then
  redis.call('HSET', schedule, 'timing', timing, 'plannedUntilMs', nowMs)
end
if before == definition and not isNewTiming then
  return 'unchanged'
end
redis.call('HSET', schedule, 'definition', definition, 'setAtMs', nowMs)
return before and 'changed' or 'created'
