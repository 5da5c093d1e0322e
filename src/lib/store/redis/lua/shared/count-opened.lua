-- Counts what an outcome with a session adds to the batch: what the session cost, when it expires, and its entry in the
-- ledger. `ledgers`: none or one. `units`, `balance`: in millionths; they stay counted when the row is retried.
-- `sessionBucket`: '' without a session. Uses `batch`, `sessions`, `rowsPerChunk` and `note-expiry.lua`.
local function countOpened(row)
  for name, amount in pairs({ units = units, balance = balance }) do
    if amount ~= '0' then
      redis.call('HINCRBY', batch, name, amount)
    end
  end
  if sessionBucket ~= '' then
    redis.call('HINCRBY', sessions, sessionBucket, 1)
    noteExpiry(sessionBucket, math.floor((row - 1) / rowsPerChunk))
  end
  for _, ledger in ipairs(ledgers) do
    redis.call('HSET', ledger, ledgerField, ledgerValue)
    redis.call('EXPIREAT', ledger, ledgerExpiresAtS)
  end
end
