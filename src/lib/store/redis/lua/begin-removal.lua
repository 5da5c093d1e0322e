-- Gives a batch that is about to be removed another incarnation. Work still under way for it then changes nothing, and
-- leaves nothing behind for the next batch with this id.
-- Memory is freed first: a full Redis refuses a script whose first write may need some, and removals make room.
redis.call('UNLINK', again)
for _, bucket in ipairs(redis.call('HKEYS', expiringChunks)) do
  redis.call('ZREM', expiring, batchWord .. ' ' .. bucket)
end
redis.call('HSET', batch, 'incarnation', nextIncarnation)
