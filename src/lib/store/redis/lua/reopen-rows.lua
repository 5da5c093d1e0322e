-- Makes ended rows of one chunk wait again, and keeps their outcomes with the row's earlier ones.
-- Dispatch finds the rows by the cursor. A row with lost calls must remember them, and if untouched rows are cancelled
-- ones, the cursor finds nothing. Such rows are returned to dispatch instead, with `progress` to start with.
-- Returns: number of rows reopened
local reopened = {}
local areUntouchedCancelled = redis.call('HEXISTS', batch, 'cancelledAtMs') == 1
local cursor = tonumber(redis.call('HGET', batch, 'cursor'))
for _, was in ipairs(ended) do
  if takeBack(was) then
    redis.call('HDEL', outcomes, was.row)
    redis.call('SETRANGE', marks, (was.row - 1) * 2, '\0\0')
    redis.call('HINCRBY', batch, 'n:waiting', 1)
    redis.call('HINCRBY', batch, 'orphans', 0 - tonumber(was.possibleOrphans))
    if areUntouchedCancelled or was.possibleOrphans ~= '0' then
      redis.call('HSET', underWay, was.row, was.progress)
      redis.call('ZADD', again, was.row, was.row)
    elseif tonumber(was.row) < cursor then
      cursor = tonumber(was.row)
    end
    reopened[#reopened + 1] = was.row
  end
end
if #reopened > 0 then
  redis.call('HSET', batch, 'cursor', cursor)
  redis.call('HINCRBY', batch, 'reopenings', 1)
  redis.call('HINCRBY', batch, 'moves', 1)
  announce(reopened)
end
return #reopened
