-- Stores one part of the index of keys.
redis.call('SET', keyIndex, packed)
