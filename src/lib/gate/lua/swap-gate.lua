-- Replaces the gate if it is still what the caller read, and publishes the change.
-- `channel` is '' if no listener needs to know.
-- Returns: 1 if replaced, else 0
if (redis.call('GET', gate) or '') ~= expected then
  return 0
end
redis.call('SET', gate, next)
if channel ~= '' then
  redis.call('PUBLISH', channel, '')
end
return 1
