-- Replaces a row's progress if it is still what the caller read. `expected` is '' for a row that has none yet.
-- `isHandedBack`, `beginsCall`: '1' or '0'. A call that begins counts as a session until it is given back.
-- `dayEnd`, `nextDayEnd`: of the caller's day. `perDay`, `givesBack`: as in `count-session.lua`.
-- Returns: 'swapped' | 'changed' | 'has_outcome' | 'no_session_left' | {'begun', end of the day}
--          | {'no_session_today', end of the day}
if hasOutcome(row) then
  return 'has_outcome'
end
local present = redis.call('HGET', underWay, row) or ''
if present == next then
  if beginsCall == '1' then
    return { 'begun', (readDay({ dayEnd, nextDayEnd })) }
  end
  return 'swapped' -- the caller's own write, whose answer was lost
end
if present == '' and redis.call('HEXISTS', batch, 'cancelledAtMs') == 1 then
  return 'has_outcome' -- the row was cancelled with all others not begun
end
if present ~= expected then
  return 'changed'
end
local begun, refused
if beginsCall == '1' then
  if redis.call('HGET', batch, 'state') ~= 'running' then
    return 'changed'
  end
  begun, refused = takeSession(perDay, { dayEnd, nextDayEnd })
  if not begun then
    return refused
  end
end
giveBackSession(givesBack)
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
return begun or 'swapped'
