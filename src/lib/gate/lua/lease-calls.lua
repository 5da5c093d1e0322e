-- Grants the right to make a call: as many at once as the gate allows, for all workers together. A worker reports
-- what it has and wants in running totals, so that its next request makes up for anything lost on the way.
-- `concurrency` applies if the gate sets none. `given`: as far as the worker knows. `wanted`: `given` once the worker
-- has all it wants.
-- Returns: {gate's text or '', now in ms, given to it}
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local text = redis.call('GET', gate) or ''
-- A damaged record counts as no record: the reader of the gate decides what applies then.
local function decode(record)
  local isRead, value = pcall(cjson.decode, record)
  return isRead and type(value) == 'table' and value or {}
end
local rules = decode(text)
local overrides = type(rules.overrides) == 'table' and rules.overrides or {}
local limit = tonumber(overrides.concurrency) or tonumber(concurrency)
limit = math.min(tonumber(rules.reducedLimit) or limit, limit)

local workers = {}
local held, turn = 0, 0
local entries = redis.call('HGETALL', leases)
for i = 1, #entries, 2 do
  local worker = decode(entries[i + 1])
  local isWhole = worker.untilMs and worker.turn and worker.given and worker.returned and worker.wanted
  if isWhole and (worker.untilMs > nowMs or entries[i] == me) then
    workers[entries[i]] = worker
    turn = math.max(turn, worker.turn)
  else
    redis.call('HDEL', leases, entries[i])
  end
end
local own = workers[me] or { given = 0, turn = 0 }
own.given = math.max(own.given, tonumber(given))
own.returned = tonumber(returned)
own.wanted = tonumber(wanted)
own.untilMs = nowMs + leaseMs
workers[me] = own
for _, worker in pairs(workers) do
  held = held + worker.given - worker.returned
end

-- The next call goes to the worker with the fewest leases, then to the one whose last turn is the longest ago, then by
-- name, as servers list the fields of a hash in different orders.
local function goesBefore(id, otherId)
  local one, other = workers[id], workers[otherId]
  local has, otherHas = one.given - one.returned, other.given - other.returned
  if has ~= otherHas then
    return has < otherHas
  end
  if one.turn ~= other.turn then
    return one.turn < other.turn
  end
  return id < otherId
end
local told = {}
while held < limit do
  local nextId
  for id, worker in pairs(workers) do
    if worker.wanted > worker.given and (not nextId or goesBefore(id, nextId)) then
      nextId = id
    end
  end
  if not nextId then
    break
  end
  turn = turn + 1
  held = held + 1
  workers[nextId].given = workers[nextId].given + 1
  workers[nextId].turn = turn
  told[nextId] = true
end
told[me] = nil
for id in pairs(told) do
  redis.call('HSET', leases, id, cjson.encode(workers[id]))
  redis.call('PUBLISH', granted, id)
end
redis.call('HSET', leases, me, cjson.encode(own))
return { text, tostring(nowMs), own.given }
