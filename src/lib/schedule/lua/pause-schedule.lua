-- Pauses a schedule, or resumes it from now on.
-- `isPaused` is '1' or '0'.
-- Returns: 'changed', 'unchanged' or 'not_found'
local before = redis.call('HGET', schedule, 'isPaused')
if not before then
  return 'not_found'
end
if before == isPaused then
  return 'unchanged'
end
redis.call('HSET', schedule, 'isPaused', isPaused)
if isPaused == '0' then
  redis.call('HSET', schedule, 'plannedUntilMs', nowMs)
end
return 'changed'
