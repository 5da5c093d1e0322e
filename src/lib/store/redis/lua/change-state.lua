-- Applies an event to a batch's state. `isNewEpoch`: '1' or '0'.
-- Returns: the new state, or nil if the event does not apply
local state = redis.call('HGET', batch, 'state')
local nextState = transitions[event][state]
if not nextState then
  return nil
end
local isPending = countPending() > 0
if isPending and event == 'all_rows_ended' then -- a row was reopened after the caller's check
  return nil
end
if isPending then
  redis.call('HDEL', batch, 'finishedAtMs')
else
  nextState = transitions.all_rows_ended[nextState] or nextState
  redis.call('HSET', batch, 'finishedAtMs', nowMs)
  redis.call('SADD', untold, batchWord .. ' ' .. nowMs)
end
redis.call('HSET', batch, 'state', nextState)
if nextState ~= state then -- else a paused batch whose rows reopen, which keeps its reason
  redis.call('HSET', batch, 'reason', reason)
  redis.call('HDEL', batch, 'pausedBy')
end
if isNewEpoch == '1' then
  redis.call('HINCRBY', batch, 'epoch', 1)
  redis.call('HSET', batch, 'recent', '', 'failedRows', 0)
end
return nextState
