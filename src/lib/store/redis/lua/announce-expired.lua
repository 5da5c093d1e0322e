-- Appends the expiry of the sessions of one bucket to the feed, once. Nothing is appended if all of them were renewed or
-- taken back before.
-- Returns: 1 if it was appended, else 0
if redis.call('ZREM', expiring, batchWord .. ' ' .. bucket) == 0 then
  return 0
end
if tonumber(redis.call('HGET', sessions, bucket) or 0) <= 0 then
  redis.call('HDEL', expiringChunks, bucket)
  return 0
end
announce({ firstExpired + bucket })
return 1
