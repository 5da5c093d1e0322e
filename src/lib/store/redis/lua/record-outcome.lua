-- Writes a row's outcome and moves the counters in one step. The first outcome wins.
-- `expected`: the row's progress, or ''. `hasFailed`: '1' or '0'. `givesBack`: as in `count-session.lua`. Three may be
-- '' for none: `errorCode`, `sessionBucket`, and `mention`, the beginning of an outcome's mention of the opened
-- session. `ledgers`: none or one.
-- `units`, `balance`: what the session cost, in millionths. They stay counted when the row is retried.
-- Returns: {'recorded', state, recent ends, rows failed since the last resumption} | {'changed'} | {'has_outcome'}
--          | {'session_taken', row that has the same session}
if redis.call('HEXISTS', outcomes, row) == 1 then
  return { 'has_outcome' }
end
local present = redis.call('HGET', underWay, row) or ''
if present == '' and redis.call('HEXISTS', batch, 'cancelledAtMs') == 1 then
  return { 'has_outcome' } -- the row was cancelled with all others not begun
end
if present ~= expected then
  return { 'changed' }
end
if mention ~= '' then
  -- A table of rows, four bytes each, in sets of four by the session's hash, the latest first. At most 256 KB: a full
  -- set forgets its oldest row, and then only `verify` finds that row's session repeated.
  local sets = math.min(math.ceil(redis.call('HGET', batch, 'rows') / 2), 16384)
  local at = (sessionHash % math.max(sets, 1)) * 16
  local latest = redis.call('GETRANGE', latestSessions, at, at + 15)
  for i = 1, #latest, 4 do
    local other = struct.unpack('>I4', latest, i)
    if other > 0 and other ~= tonumber(row) then
      local chunk = math.floor((other - 1) / rowsPerChunk)
      local found = redis.call('HGET', (string.gsub(outcomes, '%d+$', chunk)), other)
      if found and string.find(found, mention, 1, true) then
        return { 'session_taken', other }
      end
    end
  end
  redis.call('SETRANGE', latestSessions, at, struct.pack('>I4', row) .. string.sub(latest, 1, 12))
  redis.call('EXPIRE', latestSessions, 90000) -- sessions live for a day
end
redis.call('HSET', outcomes, row, outcome)
redis.call('SETRANGE', marks, (row - 1) * 2, mark)
redis.call('HDEL', underWay, row)
redis.call('ZREM', again, row)
redis.call('HINCRBY', batch, 'n:' .. stateBefore, -1)
redis.call('HINCRBY', batch, 'n:' .. status, 1)
redis.call('HINCRBY', batch, 'moves', 1)
announce({ row })
giveBackSession(givesBack)
for name, amount in pairs({ units = units, balance = balance }) do
  if amount ~= '0' then
    redis.call('HINCRBY', batch, name, amount)
  end
end
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
if sessionBucket ~= '' then
  redis.call('HINCRBY', sessions, sessionBucket, 1)
end
for _, ledger in ipairs(ledgers) do
  redis.call('HSET', ledger, ledgerField, ledgerValue)
  redis.call('EXPIREAT', ledger, ledgerExpiresAtS)
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
