-- Replaces the gate if it still is what the caller read, and tells everyone.
-- `channel` is '' when no listener needs to know.
-- Returns: 1 when replaced, else 0
if (redis.call('GET', gate) or '') ~= expected then
  return 0
end
redis.call('SET', gate, next)
if channel ~= '' then
  redis.call('PUBLISH', channel, '')
end
return 1
