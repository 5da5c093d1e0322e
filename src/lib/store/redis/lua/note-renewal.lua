-- Replaces a row's outcome by the same one after another step of its renewal; the session stays.
-- `expected`: the outcome as the caller read it. `beginsCall`: '1' or '0'. `calls`, `orphans`: what the step adds to the
-- calls under way that renew sessions, and to the sessions that may exist. `perDay`, `dayEnd`, `nextDayEnd`,
-- `givesBack`: as in `swap-progress.lua`.
-- Returns: 'noted' | 'changed' | 'no_session_left' | {'begun' | 'no_session_today', end of the day}
takeOutOfBlock(row, expected)
local present = redis.call('HGET', outcomes, row)
if present == next then -- the caller's own write, whose answer was lost
  return beginsCall == '1' and { 'begun', (readDay({ dayEnd, nextDayEnd })) } or 'noted'
end
if present ~= expected then
  return 'changed'
end
local begun, refused
if beginsCall == '1' then
  local state, pausedBy, kept = unpack(redis.call('HMGET', batch, 'state', 'pausedBy', 'keepAlive'))
  local mayCall = state == 'running' or state == 'completed' or (state == 'paused' and pausedBy == 'window')
  if not kept or not mayCall then
    return 'changed'
  end
  begun, refused = takeSession(perDay, { dayEnd, nextDayEnd })
  if not begun then
    return refused
  end
end
giveBackSession(givesBack)
redis.call('HSET', outcomes, row, next)
countRenewal(calls, orphans)
if beginsCall == '0' then -- the beginning of a call shows nowhere
  announce({ row })
end
return begun or 'noted'
