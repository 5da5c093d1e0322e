-- Replaces the gate if it still is what the caller read, and tells everyone.
-- KEYS: 1 gate
-- ARGV: 1 expected text or ''  2 next text  3 channel of changes, or '' when nobody needs to know
-- Returns: 1 when replaced, else 0
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2])
if ARGV[3] ~= '' then
  redis.call('PUBLISH', ARGV[3], '')
end
return 1
