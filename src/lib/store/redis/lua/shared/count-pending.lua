-- Returns how many rows have no outcome yet. Uses `batch` and `pendingCounters`.
local function countPending()
  local rows = 0
  for _, count in ipairs(redis.call('HMGET', batch, unpack(pendingCounters))) do
    rows = rows + tonumber(count)
  end
  return rows
end
