-- Removes the sessions of a batch that is being removed from the ledger. Newer entries of another batch stay.
-- `ledgers`: the ledger key of each entry.
for i, entry in ipairs(entries) do
  if redis.call('HGET', ledgers[i], entry.field) == entry.value then
    redis.call('HDEL', ledgers[i], entry.field)
  end
end
