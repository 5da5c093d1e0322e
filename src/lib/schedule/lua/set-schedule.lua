-- Makes a schedule or changes it.
-- KEYS: 1 names of all schedules  2 schedule
-- ARGV: 1 name  2 definition as JSON  3 what its times follow from, as JSON  4 now in ms
-- Returns: 'created', 'changed' or 'unchanged'
local before = redis.call('HGET', KEYS[2], 'definition')
redis.call('ZADD', KEYS[1], 0, ARGV[1])
if before == ARGV[2] then
  return 'unchanged'
end
if redis.call('HGET', KEYS[2], 'timing') ~= ARGV[3] then -- what the old times would have brought is not made up for
  redis.call('HSET', KEYS[2], 'timing', ARGV[3], 'plannedUntilMs', ARGV[4])
end
redis.call('HSET', KEYS[2], 'definition', ARGV[2], 'setAtMs', ARGV[4])
if before then
  return 'changed'
end
redis.call('HSET', KEYS[2], 'isPaused', '0', 'createdAtMs', ARGV[4])
return 'created'
