-- Stores the next chunk with the outcomes known from reading alone. A chunk that is there is left alone.
-- KEYS: 1 batch  2 chunk  3 outcomes  4 errors  5 probe memory  6 marks
-- ARGV: 1 chunk index  2 packed rows  3 number of rows  4 widest row
--       5 '1' goes on with an import whose batch was cancelled, else ''
--       6 number of outcomes  7… row, outcome, status, error code, error message, mark (six per outcome)
--       then the digests of addresses that an earlier row names, too
-- Returns: 'stored' | 'already' | 'gap' | 'closed' (the import has ended or there is no such batch)
local state, readToEnd = unpack(redis.call('HMGET', KEYS[1], 'state', 'readToEnd'))
local isCancelled = state == 'cancelled' or state == 'cancelling'
if state ~= 'importing' and not (ARGV[5] == '1' and isCancelled and readToEnd == '0') then
  return 'closed'
end
local stored = tonumber(redis.call('HGET', KEYS[1], 'chunks'))
local index = tonumber(ARGV[1])
if index < stored then
  return 'already'
end
if index > stored then
  return 'gap'
end
redis.call('SET', KEYS[2], ARGV[2])
local outcomes = tonumber(ARGV[6])
local digests = 7 + 6 * outcomes
for i = 7, digests - 1, 6 do
  redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 1])
  redis.call('SETRANGE', KEYS[6], (ARGV[i] - 1) * 2, ARGV[i + 5])
  redis.call('HINCRBY', KEYS[1], 'n:' .. ARGV[i + 2], 1)
  if ARGV[i + 3] ~= '' then
    redis.call('HINCRBY', KEYS[4], 'n:' .. ARGV[i + 3], 1)
    redis.call('HSETNX', KEYS[4], 'message:' .. ARGV[i + 3], ARGV[i + 4])
  end
end
for i = digests, #ARGV do
  redis.call('HSETNX', KEYS[5], ARGV[i], '')
end
redis.call('HINCRBY', KEYS[1], 'chunks', 1)
redis.call('HINCRBY', KEYS[1], 'rows', ARGV[3])
local others = tonumber(ARGV[3]) - outcomes
if isCancelled then -- as cancel-batch.lua counts rows that were not begun
  redis.call('HINCRBY', KEYS[1], 'n:cancelled', others)
  redis.call('HINCRBY', KEYS[1], 'implicitCancelled', others)
else
  redis.call('HINCRBY', KEYS[1], 'n:waiting', others)
end
if tonumber(ARGV[4]) > tonumber(redis.call('HGET', KEYS[1], 'maxCells')) then
  redis.call('HSET', KEYS[1], 'maxCells', ARGV[4])
end
return 'stored'
