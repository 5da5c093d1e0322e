-- Takes sessions of a batch that is being removed out of the ledger. What another batch has noted since stays.
-- KEYS: 1 batch  2… ledger
-- ARGV: field, value (two per key)
for i = 2, #KEYS do
  local field, value = ARGV[2 * i - 3], ARGV[2 * i - 2]
  if redis.call('HGET', KEYS[i], field) == value then
    redis.call('HDEL', KEYS[i], field)
  end
end
