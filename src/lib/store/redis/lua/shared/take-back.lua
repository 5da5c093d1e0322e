-- Prepares the removal of an outcome: if its row still has it, keeps it with the row's earlier ones and subtracts what
-- it added to the counters. `was`: its row, the outcome as stored, status, errorCode or '', sessionBucket or ''.
-- `kept`: what to keep of it, by default all. Uses `batch`, `outcomes`, `earlier`, `errors`, `sessions` and
-- `kept-rows.lua`.
-- Returns whether the row had it.
local function takeBack(was)
  takeOutOfBlock(was.row, was.outcome)
  if redis.call('HGET', outcomes, was.row) ~= was.outcome then
    return false
  end
  local before = redis.call('HGET', earlier, was.row)
  local kept = was.kept or was.outcome
  redis.call('HSET', earlier, was.row, before and (before .. '\n' .. kept) or kept)
  redis.call('HINCRBY', batch, 'n:' .. was.status, -1)
  local code = was.errorCode
  if code ~= '' and redis.call('HINCRBY', errors, 'n:' .. code, -1) <= 0 then
    redis.call('HDEL', errors, 'n:' .. code, 'message:' .. code)
  end
  if was.sessionBucket ~= '' then
    redis.call('HINCRBY', sessions, was.sessionBucket, -1)
  end
  return true
end
