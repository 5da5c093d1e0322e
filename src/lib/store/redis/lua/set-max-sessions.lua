-- Changes how many sessions a batch may open; '' is any number. A batch that is paused for its limit continues if it
-- may open more than it has. This does not count as a resumption by a person, so a canary stays undecided. Returns:
-- the batch's state
if most == '' then
  redis.call('HDEL', batch, 'maxSessions')
else
  redis.call('HSET', batch, 'maxSessions', most)
end
local state, pausedBy, used = unpack(redis.call('HMGET', batch, 'state', 'pausedBy', 'usedSessions'))
if state ~= 'paused' or pausedBy ~= 'budget' or (most ~= '' and tonumber(used or 0) >= tonumber(most)) then
  return state
end
redis.call('HDEL', batch, 'pausedBy')
redis.call('HSET', batch, 'state', whenResumed[state], 'reason', '')
redis.call('HINCRBY', batch, 'epoch', 1)
redis.call('HINCRBY', batch, 'windowEpochs', 1)
return whenResumed[state]
