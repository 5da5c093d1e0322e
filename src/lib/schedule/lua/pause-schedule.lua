-- Pauses a schedule or lets it go on from now.
-- KEYS: 1 schedule
-- ARGV: 1 '1' to pause, '0' to go on  2 now in ms
-- Returns: 'changed', 'unchanged' or 'not_found'
local before = redis.call('HGET', KEYS[1], 'isPaused')
if not before then
  return 'not_found'
end
if before == ARGV[1] then
  return 'unchanged'
end
redis.call('HSET', KEYS[1], 'isPaused', ARGV[1])
if ARGV[1] == '0' then
  redis.call('HSET', KEYS[1], 'plannedUntilMs', ARGV[2])
end
return 'changed'
