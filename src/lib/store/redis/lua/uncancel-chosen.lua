-- Makes chosen rows of one chunk wait again that a cancellation ended before they had an outcome. They are returned
-- rows from now on, with `progress` to begin with, because the cursor finds nothing if untouched rows are cancelled
-- ones.
-- Returns: number of rows
local chosen = {}
if redis.call('HEXISTS', batch, 'cancelledAtMs') == 1 then
  for _, row in ipairs(rows) do
    local isUntouched = not hasOutcome(row) and redis.call('HEXISTS', underWay, row) == 0
    if isUntouched then
      redis.call('HSET', underWay, row, progress)
      redis.call('ZADD', again, row, row)
      chosen[#chosen + 1] = row
    end
  end
end
if #chosen > 0 then
  redis.call('HINCRBY', batch, 'n:cancelled', 0 - #chosen)
  redis.call('HINCRBY', batch, 'n:waiting', #chosen)
  redis.call('HINCRBY', batch, 'implicitCancelled', 0 - #chosen)
  redis.call('HINCRBY', batch, 'reopenings', 1)
  redis.call('HINCRBY', batch, 'moves', 1)
  announce(chosen)
end
return #chosen
