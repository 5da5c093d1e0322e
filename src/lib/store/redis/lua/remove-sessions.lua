-- Takes sessions of a batch that is being removed out of the ledger. What another batch has noted since stays.
-- `ledgers`: where each of the entries lies.
for i, entry in ipairs(entries) do
  if redis.call('HGET', ledgers[i], entry.field) == entry.value then
    redis.call('HDEL', ledgers[i], entry.field)
  end
end
