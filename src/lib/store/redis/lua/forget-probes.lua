-- Has videos that several rows name read again.
-- KEYS: 1 batch  2 probe memory
-- ARGV: digests of their addresses
for _, digest in ipairs(ARGV) do
  redis.call('HSET', KEYS[2], digest, '')
end
