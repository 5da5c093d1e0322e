-- Pauses a batch because its window is closed, or resumes it because the window is open. A person's changes stand.
-- `event`: 'pause' | 'resume'. `shutSinceMs`: '' for 'resume'.
-- Returns: the new state, or nil if there is nothing to do
local nextState = transitions[event][redis.call('HGET', batch, 'state') or '']
if not nextState then
  return nil
end
if event == 'pause' then
  if redis.call('HGET', batch, 'windowHeededMs') == shutSinceMs then
    return nil -- a person has resumed it since then
  end
  redis.call('HSET', batch, 'pausedBy', 'window', 'windowHeededMs', shutSinceMs)
else
  if redis.call('HGET', batch, 'pausedBy') ~= 'window' then
    return nil -- a person paused it, or it paused itself
  end
  redis.call('HDEL', batch, 'pausedBy')
  redis.call('HINCRBY', batch, 'epoch', 1)
  redis.call('HINCRBY', batch, 'windowEpochs', 1)
end
redis.call('HSET', batch, 'state', nextState, 'reason', reason)
return nextState
