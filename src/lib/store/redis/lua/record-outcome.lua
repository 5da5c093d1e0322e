-- Writes a row's outcome and moves the counters in one step. The first outcome wins.
-- `expected`: the row's progress, or ''. `hasFailed`: '1' or '0'. `givesBack`: as in `count-session.lua`. `errorCode`
-- may be '' for none. `mention`, the beginning of an outcome's mention of the opened session: as in
-- `find-same-session.lua`. What the session adds: as in `count-opened.lua`.
-- Returns: {'recorded', state, recent ends, rows failed since the last resumption} | {'changed'} | {'has_outcome'}
--          | {'session_taken', row that has the same session}
if hasOutcome(row) then
  return { 'has_outcome' }
end
local present = redis.call('HGET', underWay, row) or ''
if present == '' and redis.call('HEXISTS', batch, 'cancelledAtMs') == 1 then
  return { 'has_outcome' } -- the row was cancelled with all others not begun
end
if present ~= expected then
  return { 'changed' }
end
local other = findSameSession(row)
if other then
  return { 'session_taken', other }
end
redis.call('HSET', outcomes, row, outcome)
redis.call('SETRANGE', marks, (row - 1) * 2, struct.pack('>I2', mark))
redis.call('HDEL', underWay, row)
redis.call('ZREM', again, row)
redis.call('HINCRBY', batch, 'n:' .. stateBefore, -1)
redis.call('HINCRBY', batch, 'n:' .. status, 1)
redis.call('HINCRBY', batch, 'moves', 1)
announce({ row })
giveBackSession(givesBack)
countOpened(row)
if possibleOrphans ~= '0' then
  redis.call('HINCRBY', batch, 'orphans', possibleOrphans)
end
countError(errorCode, errorMessage)
if redis.call('HINCRBY', pace, paceBucket, 1) == 1 then
  for _, bucket in ipairs(redis.call('HKEYS', pace)) do
    if tonumber(bucket) < tonumber(oldestPaceBucket) then
      redis.call('HDEL', pace, bucket)
    end
  end
end
local recent = string.sub((redis.call('HGET', batch, 'recent') or '') .. hasFailed, -100)
redis.call('HSET', batch, 'recent', recent)
local failed = redis.call('HINCRBY', batch, 'failedRows', hasFailed)
local state = redis.call('HGET', batch, 'state')
local finalState = whenAllEnded[state]
if countPending() == 0 and finalState then
  state = finalState
  redis.call('HSET', batch, 'state', state, 'finishedAtMs', nowMs)
  redis.call('SADD', untold, batchWord .. ' ' .. nowMs)
end
return { 'recorded', state, recent, failed }
