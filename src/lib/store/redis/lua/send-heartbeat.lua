-- Notes that a worker lives, and forgets those that have long been silent. A full Redis refuses a script whose first
-- write needs memory; so the one that frees some comes first, and the workers of a full Redis are still seen.
redis.call('ZREMRANGEBYSCORE', workers, '-inf', silentSinceMs)
redis.call('ZADD', workers, nowMs, info)
