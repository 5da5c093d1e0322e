-- Writes a row's outcome and moves the counters in one step. The first outcome wins.
-- KEYS: 1 batch  2 under way  3 outcomes  4 errors  5 again  6 pace  7 sessions  8 ledger  9 marks  10 pending notices
--       11 rows with the latest sessions
-- ARGV: 1 row  2 expected progress or ''  3 outcome  4 state before  5 status  6 now in ms
--       7 error code or ''  8 error message  9 possible orphans  10 '1' when the row failed, else '0'
--       11 transitions when all rows have ended, as JSON {from: to}
--       12 pace bucket  13 oldest pace bucket to keep  14 session bucket or ''
--       15 ledger field or ''  16 ledger value  17 when the ledger key expires, in s
--       18 mark  19 how an outcome with this session begins its mention, or '' when none was opened  20 hash of the session
--       21 rows per chunk
-- Returns: {'recorded', state, recent ends, rows failed since the last resumption} | {'changed'} | {'has_outcome'}
--          | {'session_taken', row that has the same session}
if redis.call('HEXISTS', KEYS[3], ARGV[1]) == 1 then
  return { 'has_outcome' }
end
local present = redis.call('HGET', KEYS[2], ARGV[1]) or ''
if present == '' and redis.call('HEXISTS', KEYS[1], 'cancelledAtMs') == 1 then
  return { 'has_outcome' } -- the row was cancelled together with all others that were not begun
end
if present ~= ARGV[2] then
  return { 'changed' }
end
if ARGV[19] ~= '' then
  -- A table of rows, four bytes each, in sets of four by the session's hash, the latest first. At most 256 KB: where more
  -- sessions meet in a set the oldest is forgotten, and only `verify` finds it repeated.
  local sets = math.min(math.ceil(redis.call('HGET', KEYS[1], 'rows') / 2), 16384)
  local at = (ARGV[20] % math.max(sets, 1)) * 16
  local rows = redis.call('GETRANGE', KEYS[11], at, at + 15)
  for i = 1, #rows, 4 do
    local row = struct.unpack('>I4', rows, i)
    if row > 0 and row ~= tonumber(ARGV[1]) then
      local chunk = math.floor((row - 1) / ARGV[21])
      local other = redis.call('HGET', (string.gsub(KEYS[3], '%d+$', chunk)), row)
      if other and string.find(other, ARGV[19], 1, true) then
        return { 'session_taken', row }
      end
    end
  end
  redis.call('SETRANGE', KEYS[11], at, struct.pack('>I4', ARGV[1]) .. string.sub(rows, 1, 12))
  redis.call('EXPIRE', KEYS[11], 90000) -- sessions live for a day
end
redis.call('HSET', KEYS[3], ARGV[1], ARGV[3])
redis.call('SETRANGE', KEYS[9], (ARGV[1] - 1) * 2, ARGV[18])
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[5], ARGV[1])
redis.call('HINCRBY', KEYS[1], 'n:' .. ARGV[4], -1)
redis.call('HINCRBY', KEYS[1], 'n:' .. ARGV[5], 1)
redis.call('HINCRBY', KEYS[1], 'moves', 1)
if ARGV[9] ~= '0' then
  redis.call('HINCRBY', KEYS[1], 'orphans', ARGV[9])
end
if ARGV[7] ~= '' then
  redis.call('HINCRBY', KEYS[4], 'n:' .. ARGV[7], 1)
  redis.call('HSETNX', KEYS[4], 'message:' .. ARGV[7], ARGV[8])
end
if redis.call('HINCRBY', KEYS[6], ARGV[12], 1) == 1 then
  for _, bucket in ipairs(redis.call('HKEYS', KEYS[6])) do
    if tonumber(bucket) < tonumber(ARGV[13]) then
      redis.call('HDEL', KEYS[6], bucket)
    end
  end
end
if ARGV[14] ~= '' then
  redis.call('HINCRBY', KEYS[7], ARGV[14], 1)
end
if ARGV[15] ~= '' then
  redis.call('HSET', KEYS[8], ARGV[15], ARGV[16])
  redis.call('EXPIREAT', KEYS[8], ARGV[17])
end
local recent = string.sub((redis.call('HGET', KEYS[1], 'recent') or '') .. ARGV[10], -100)
redis.call('HSET', KEYS[1], 'recent', recent)
local failed = redis.call('HINCRBY', KEYS[1], 'failedRows', ARGV[10])
local state = redis.call('HGET', KEYS[1], 'state')
local pending = 0
for _, n in ipairs(redis.call('HMGET', KEYS[1], 'n:waiting', 'n:probing', 'n:ready', 'n:opening')) do
  pending = pending + tonumber(n)
end
local finalState = cjson.decode(ARGV[11])[state]
if pending == 0 and finalState then
  state = finalState
  redis.call('HSET', KEYS[1], 'state', state, 'finishedAtMs', ARGV[6])
  redis.call('SADD', KEYS[10], batchWord .. ' ' .. ARGV[6])
end
return { 'recorded', state, recent, failed }
