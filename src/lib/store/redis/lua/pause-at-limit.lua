-- Pauses a running batch whose sessions are used up and queues a notice about it. A call under way may still give its
-- session back, so the batch is paused only when there is none.
-- Returns: the new state, or nil when there is nothing to do
local state, most, used = unpack(redis.call('HMGET', batch, 'state', 'maxSessions', 'usedSessions'))
local opening, renewing = unpack(redis.call('HMGET', batch, 'n:opening', 'renewing'))
local calls = tonumber(opening) + tonumber(renewing or 0)
local nextState = whenPaused[state]
if not nextState or not most or tonumber(used or 0) < tonumber(most) or calls > 0 then
  return nil
end
redis.call('HSET', batch, 'state', nextState, 'reason', reason, 'pausedBy', 'budget')
redis.call('SADD', untold, batchWord .. ' ' .. nowMs .. ' paused_itself')
return nextState
