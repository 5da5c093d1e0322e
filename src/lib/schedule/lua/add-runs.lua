-- Adds runs that are not there yet, and drops the oldest ones that have ended.
-- `plannedUntilMs`: until when there is nothing left to plan, or ''.
-- `records`: the runs as JSON, each with its planned time in ms.
-- Returns: planned times of those that were added
if redis.call('EXISTS', schedule) == 0 then
  return {}
end
if plannedUntilMs ~= '' and tonumber(plannedUntilMs) > (tonumber(redis.call('HGET', schedule, 'plannedUntilMs')) or 0) then
  redis.call('HSET', schedule, 'plannedUntilMs', plannedUntilMs)
end
local added = {}
for _, record in ipairs(records) do
  if redis.call('HSETNX', runs, record.plannedAtMs, record.run) == 1 then
    added[#added + 1] = record.plannedAtMs
  end
end
local planned = redis.call('HKEYS', runs)
table.sort(planned, function(a, b) return (tonumber(a) or 0) < (tonumber(b) or 0) end)
local openStates = { waiting = true, importing = true, running = true }
local function isOpen(record) -- one that is damaged is not
  local isRead, run = pcall(cjson.decode, record)
  return isRead and type(run) == 'table' and openStates[run.state]
end
local surplus = #planned - tonumber(keptRuns)
for _, time in ipairs(planned) do
  if surplus <= 0 then
    break
  end
  if not isOpen(redis.call('HGET', runs, time)) then
    redis.call('HDEL', runs, time)
    surplus = surplus - 1
  end
end
return added
