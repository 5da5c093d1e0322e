-- Notes that a session of a chunk expires within a bucket of five minutes, so that its expiry becomes an event of the
-- feed. One bit a chunk says where the sessions of a bucket are. Uses `batchWord`, `expiring` and `expiringChunks`.
local function noteExpiry(bucket, chunk)
  local at, one = math.floor(chunk / 8) + 1, bit.lshift(1, chunk % 8)
  local bits = redis.call('HGET', expiringChunks, bucket) or ''
  local byte = string.byte(bits, at) or 0
  if bit.band(byte, one) == 0 then
    bits = bits .. string.rep('\0', at - #bits)
    bits = string.sub(bits, 1, at - 1) .. string.char(byte + one) .. string.sub(bits, at + 1)
    redis.call('HSET', expiringChunks, bucket, bits)
  end
  redis.call('ZADD', expiring, bucket, batchWord .. ' ' .. bucket)
end
