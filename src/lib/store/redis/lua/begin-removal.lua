-- Gives a batch that is to be removed another incarnation: whatever still works on it changes nothing from here on, and
-- leaves nothing behind for the next batch of this id.
-- A full Redis refuses a script whose first write may need memory, and removing batches is what gives it room.
redis.call('UNLINK', again)
redis.call('HSET', batch, 'incarnation', nextIncarnation)
