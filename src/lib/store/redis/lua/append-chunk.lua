-- Stores the next chunk with the outcomes known before any call. An existing chunk is not changed. `afterCancel`: '1'
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
for _, ended in ipairs(known) do
  redis.call('HSET', outcomes, ended.row, ended.outcome)
  redis.call('SETRANGE', marks, (ended.row - 1) * 2, ended.mark)
  redis.call('HINCRBY', batch, 'n:' .. ended.status, 1)
  countError(ended.errorCode, ended.errorMessage)
  if ended.sessionBucket ~= '' then
    redis.call('HINCRBY', sessions, ended.sessionBucket, 1)
  end
end
if #known > 0 or isCancelled then
  announce({ firstChunk + index })
end
for _, digest in ipairs(cjson.decode(sharedDigests)) do
  redis.call('HSETNX', probeMemory, digest, '')
end
redis.call('HINCRBY', batch, 'chunks', 1)
redis.call('HINCRBY', batch, 'rows', rows)
local others = rows - #known
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
