-- Pauses a batch because its window is shut, or has it go on because it is open. What a person did meanwhile stands.
-- KEYS: 1 batch
-- ARGV: 1 'pause' | 'resume'  2 transitions as JSON {from: to}  3 reason or ''  4 since when the window is shut, in ms
-- Returns: the new state, or nil when there is nothing to do
local nextState = cjson.decode(ARGV[2])[redis.call('HGET', KEYS[1], 'state') or '']
if not nextState then
  return nil
end
if ARGV[1] == 'pause' then
  if redis.call('HGET', KEYS[1], 'windowHeededMs') == ARGV[4] then
    return nil -- a person has resumed it since
  end
  redis.call('HSET', KEYS[1], 'pausedBy', 'window', 'windowHeededMs', ARGV[4])
else
  if redis.call('HGET', KEYS[1], 'pausedBy') ~= 'window' then
    return nil -- a person paused it, or it paused itself
  end
  redis.call('HDEL', KEYS[1], 'pausedBy')
  redis.call('HINCRBY', KEYS[1], 'epoch', 1)
  redis.call('HINCRBY', KEYS[1], 'windowEpochs', 1)
end
redis.call('HSET', KEYS[1], 'state', nextState, 'reason', ARGV[3])
return nextState
