-- Returns what is known of a video that several rows name, and gives one caller the turn to read it.
-- `digest`: that of its address. `mark`: digits that no other call has. `readingMs`: how long a turn lasts.
-- Returns: {'unshared'} | {'known', result} | {'yours', turn} | {'being_read'}
local known = redis.call('HGET', probeMemory, digest)
if not known then
  return { 'unshared' }
end
if string.sub(known, 1, 1) == '{' then
  return { 'known', known }
end
local seconds, micros = unpack(redis.call('TIME'))
local nowMs = seconds * 1000 + math.floor(micros / 1000)
if (tonumber(known) or 0) > nowMs then
  return { 'being_read' }
end
-- The time in ms when the turn ends, with the caller's mark as decimals, so that no two turns are the same.
local turn = string.format('%.0f.%s', nowMs + readingMs, mark)
redis.call('HSET', probeMemory, digest, turn)
return { 'yours', turn }
