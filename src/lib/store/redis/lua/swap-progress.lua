-- Replaces a row's progress if it is still what the caller read. `expected` is '' for a row that has none yet.
-- `isHandedBack`, `beginsCall`, `givesBack`: '1' or '0'. A call that begins counts as a session until it is given
-- back.
-- Returns: 'swapped' | 'changed' | 'has_outcome' | 'no_session_left'
if redis.call('HEXISTS', outcomes, row) == 1 then
  return 'has_outcome'
end
local present = redis.call('HGET', underWay, row) or ''
if present == next then
  return 'swapped' -- the caller's own write, whose answer was lost
end
if present == '' and redis.call('HEXISTS', batch, 'cancelledAtMs') == 1 then
  return 'has_outcome' -- the row was cancelled with all others not begun
end
if present ~= expected then
  return 'changed'
end
if beginsCall == '1' then
  local state, most, used = unpack(redis.call('HMGET', batch, 'state', 'maxSessions', 'usedSessions'))
  if state ~= 'running' then
    return 'changed'
  end
  if most and tonumber(used or 0) >= tonumber(most) then
    return 'no_session_left'
  end
  redis.call('HINCRBY', batch, 'usedSessions', 1)
end
if givesBack == '1' then
  redis.call('HINCRBY', batch, 'usedSessions', -1)
end
redis.call('HSET', underWay, row, next)
if stateBefore ~= stateAfter then
  redis.call('HINCRBY', batch, 'n:' .. stateBefore, -1)
  redis.call('HINCRBY', batch, 'n:' .. stateAfter, 1)
  redis.call('HINCRBY', batch, 'moves', 1)
end
if isHandedBack == '1' then
  redis.call('ZADD', again, row, row)
else
  redis.call('ZREM', again, row)
end
return 'swapped'
