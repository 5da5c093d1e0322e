-- Adds runs that are not there yet, and drops the oldest ones that have ended.
-- KEYS: 1 schedule  2 its runs
-- ARGV: 1 until when there is nothing left to plan, in ms, or ''  2 how many runs are kept
--       then for each run: planned time in ms, run as JSON
-- Returns: planned times of those that were added
if redis.call('EXISTS', KEYS[1]) == 0 then
  return {}
end
if ARGV[1] ~= '' and tonumber(ARGV[1]) > (tonumber(redis.call('HGET', KEYS[1], 'plannedUntilMs')) or 0) then
  redis.call('HSET', KEYS[1], 'plannedUntilMs', ARGV[1])
end
local added = {}
for i = 3, #ARGV, 2 do
  if redis.call('HSETNX', KEYS[2], ARGV[i], ARGV[i + 1]) == 1 then
    added[#added + 1] = ARGV[i]
  end
end
local planned = redis.call('HKEYS', KEYS[2])
table.sort(planned, function(a, b) return (tonumber(a) or 0) < (tonumber(b) or 0) end)
local openStates = { waiting = true, importing = true, running = true }
local function isOpen(record) -- one that is damaged is not
  local isRead, run = pcall(cjson.decode, record)
  return isRead and type(run) == 'table' and openStates[run.state]
end
local surplus = #planned - tonumber(ARGV[2])
for _, time in ipairs(planned) do
  if surplus <= 0 then
    break
  end
  if not isOpen(redis.call('HGET', KEYS[2], time)) then
    redis.call('HDEL', KEYS[2], time)
    surplus = surplus - 1
  end
end
return added
