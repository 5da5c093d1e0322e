-- Returns another row that has the session in `mention`, and otherwise notes that this row has it. A table of rows,
-- four bytes each, in sets of four by the session's hash, the latest first. At most 256 KB: a full set forgets its
-- oldest row, and then only `verify` finds that row's session repeated. Uses `batch`, `latestSessions`, `outcomes`,
-- `mention` ('' if no session was opened), `sessionHash` and `rowsPerChunk`.
local function findSameSession(row)
  if mention == '' then
    return nil
  end
  local sets = math.min(math.ceil(redis.call('HGET', batch, 'rows') / 2), 16384)
  local at = (sessionHash % math.max(sets, 1)) * 16
  local latest = redis.call('GETRANGE', latestSessions, at, at + 15)
  for i = 1, #latest, 4 do
    local other = struct.unpack('>I4', latest, i)
    if other > 0 and other ~= tonumber(row) then
      local chunk = math.floor((other - 1) / rowsPerChunk)
      local found = redis.call('HGET', (string.gsub(outcomes, '%d+$', chunk)), other)
      if found and string.find(found, mention, 1, true) then
        return other
      end
    end
  end
  redis.call('SETRANGE', latestSessions, at, struct.pack('>I4', row) .. string.sub(latest, 1, 12))
  redis.call('EXPIRE', latestSessions, 90000) -- sessions live for a day
  return nil
end
