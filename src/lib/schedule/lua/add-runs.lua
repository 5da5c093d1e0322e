-- Adds runs that do not exist yet, and drops the oldest runs that have ended.
-- `plannedUntilMs`: the time up to which the schedule is planned now, or ''.
-- `records`: the runs as JSON, each with its planned time in ms.
-- Returns: planned times of the added runs
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
local function isOpen(record) -- damaged: not open
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
