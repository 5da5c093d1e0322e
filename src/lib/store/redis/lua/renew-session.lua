-- Gives a row that has a session its next one. `replaced` holds the outcome before, which joins the row's earlier ones.
-- `calls`, `orphans`: as in `note-renewal.lua`. The others: as in `record-outcome.lua`.
-- Returns: {'renewed'} | {'changed'} | {'session_taken', row that has the same session}
local was = replaced[1]
takeOutOfBlock(was.row, was.outcome)
local present = redis.call('HGET', outcomes, was.row)
if present == outcome then -- the caller's own write, whose answer was lost
  return { 'renewed' }
end
if present ~= was.outcome then
  return { 'changed' }
end
local other = findSameSession(was.row)
if other then
  return { 'session_taken', other }
end
takeBack(was)
redis.call('HSET', outcomes, was.row, outcome)
redis.call('SETRANGE', marks, (was.row - 1) * 2, struct.pack('>I2', mark))
redis.call('HINCRBY', batch, 'n:' .. status, 1)
countRenewal(calls, orphans)
announce({ was.row })
giveBackSession(givesBack)
countOpened(was.row)
return { 'renewed' }
