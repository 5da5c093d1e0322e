-- Records that rows of one chunk were handed to a stage, and moves the cursor. A row that a worker has recorded first
-- is not changed. The cursor stays if rows were reopened since the caller read it: they may lie before the rows it has
-- seen. Nothing is recorded in a batch whose untouched rows were cancelled meanwhile.
-- Returns: number of rows recorded
if redis.call('HEXISTS', batch, 'cancelledAtMs') == 1 then
  return 0
end
local noted = 0
for _, begun in ipairs(rows) do
  if not hasOutcome(begun.row) and redis.call('HSETNX', underWay, begun.row, begun.progress) == 1 then
    redis.call('HINCRBY', batch, 'n:' .. begun.state, 1)
    noted = noted + 1
  end
end
if noted > 0 then -- HINCRBY refuses Lua's -0
  redis.call('HINCRBY', batch, 'n:waiting', -noted)
  redis.call('HINCRBY', batch, 'moves', 1)
end
local cursor, reopenings = unpack(redis.call('HMGET', batch, 'cursor', 'reopenings'))
if lastRow + 1 > tonumber(cursor) and reopenings == reopeningsSeen then
  redis.call('HSET', batch, 'cursor', lastRow + 1)
end
return noted
