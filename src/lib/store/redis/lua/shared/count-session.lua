-- Counts the sessions that calls may open, those of the batch and those of the day, in the time zone of the callers.
-- A day that has begun lasts to its end, whatever the next caller's zone. Uses `batch` and `sessionsToday`.

-- Returns when the current day ends, and how many sessions it has.
-- `ends`: when the caller's day ends, and the next one.
local function readDay(ends)
  local time = redis.call('TIME')
  local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
  local found = redis.call('HMGET', sessionsToday, 'endsMs', 'used')
  local endsMs = tonumber(found[1] or '') or 0
  if endsMs > nowMs and endsMs < nowMs + 100000000 then -- no day has 28 hours
    return found[1], tonumber(found[2] or '') or 0
  end
  local nextEnd = tonumber(ends[1]) > nowMs and ends[1] or ends[2]
  redis.call('HSET', sessionsToday, 'endsMs', nextEnd, 'used', 0)
  return nextEnd, 0
end

-- Counts the session that a call may open. `perDay`: how many the day may have, 0 for any number. `ends`: as above.
-- Returns {'begun', end of the day}; or nil and what the script returns, when the batch or the day has none left.
local function takeSession(perDay, ends)
  local most, used = unpack(redis.call('HMGET', batch, 'maxSessions', 'usedSessions'))
  if most and tonumber(used or 0) >= tonumber(most) then
    return nil, 'no_session_left'
  end
  local endsMs, usedToday = readDay(ends)
  if tonumber(perDay) > 0 and usedToday >= tonumber(perDay) then
    return nil, { 'no_session_today', endsMs }
  end
  redis.call('HINCRBY', batch, 'usedSessions', 1)
  redis.call('HINCRBY', sessionsToday, 'used', 1)
  return { 'begun', endsMs }
end

-- A call ended without a session. `day`: the end of the day in which it was counted, or '' if no call ended this way.
local function giveBackSession(day)
  if day ~= '' then
    redis.call('HINCRBY', batch, 'usedSessions', -1)
    if redis.call('HGET', sessionsToday, 'endsMs') == day then
      redis.call('HINCRBY', sessionsToday, 'used', -1)
    end
  end
end
