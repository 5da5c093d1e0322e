-- Records that a worker is alive, and forgets workers that have long been silent. A write that frees memory comes
-- first, so that a full Redis, which refuses a script whose first write needs memory, still shows its workers.
redis.call('ZREMRANGEBYSCORE', workers, '-inf', silentSinceMs)
redis.call('ZADD', workers, nowMs, info)
