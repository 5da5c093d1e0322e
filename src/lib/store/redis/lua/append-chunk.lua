-- Stores the next chunk with the outcomes known before any call. An existing chunk is not changed. `keptRows`: the
-- block of rows that keep an earlier session, or ''. `marksOfEnded`: the marks of the rows from `firstRow` to the last
-- one that has an outcome, or ''. `counts`: JSON, how many outcomes belong to which counter. `afterCancel`: '1'
-- continues an import whose batch was cancelled. `sharedDigests`: a JSON list of digests of addresses that an earlier
-- row names, too.
-- Returns: 'stored' | 'already' | 'gap' | 'closed' (the import has ended)
local state, readToEnd = unpack(redis.call('HMGET', batch, 'state', 'readToEnd'))
local isCancelled = state == 'cancelled' or state == 'cancelling'
if state ~= 'importing' and not (afterCancel == '1' and isCancelled and readToEnd == '0') then
  return 'closed'
end
local stored = tonumber(redis.call('HGET', batch, 'chunks'))
if tonumber(index) < stored then
  return 'already'
end
if tonumber(index) > stored then
  return 'gap'
end
redis.call('SET', chunk, packedRows)
if keptRows ~= '' then
  redis.call('SET', keptBlock, keptRows)
end
for _, ended in ipairs(known) do
  redis.call('HSET', outcomes, ended.row, ended.outcome)
end
if marksOfEnded ~= '' then
  redis.call('SETRANGE', marks, (firstRow - 1) * 2, marksOfEnded)
end
local counted, ended = cjson.decode(counts), 0
for _, status in ipairs(counted.statuses) do
  redis.call('HINCRBY', batch, 'n:' .. status[1], status[2])
  ended = ended + status[2]
end
for _, bucket in ipairs(counted.sessions) do
  redis.call('HINCRBY', sessions, bucket[1], bucket[2])
  noteExpiry(bucket[1], index)
end
for _, one in ipairs(counted.errors) do
  redis.call('HINCRBY', errors, 'n:' .. one[1], one[2])
  redis.call('HSETNX', errors, 'message:' .. one[1], one[3])
end
if ended > 0 or isCancelled then
  announce({ firstChunk + index })
end
for _, digest in ipairs(cjson.decode(sharedDigests)) do
  redis.call('HSETNX', probeMemory, digest, '')
end
redis.call('HINCRBY', batch, 'chunks', 1)
redis.call('HINCRBY', batch, 'rows', rows)
local others = rows - ended
if isCancelled then -- counted as cancel-batch.lua counts rows not begun
  redis.call('HINCRBY', batch, 'n:cancelled', others)
  redis.call('HINCRBY', batch, 'implicitCancelled', others)
else
  redis.call('HINCRBY', batch, 'n:waiting', others)
end
if tonumber(widest) > tonumber(redis.call('HGET', batch, 'maxCells')) then
  redis.call('HSET', batch, 'maxCells', widest)
end
return 'stored'
