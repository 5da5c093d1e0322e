-- Pauses a running batch automatically and queues a notice about it.
-- Returns: the new state, or nil if the batch is not running
local nextState = whenPaused[redis.call('HGET', batch, 'state') or '']
if not nextState then
  return nil
end
redis.call('HSET', batch, 'state', nextState, 'reason', reason)
redis.call('SADD', untold, batchWord .. ' ' .. nowMs .. ' paused_itself')
return nextState
