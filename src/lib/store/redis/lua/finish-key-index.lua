-- From now on the batch's rows are found by its key.
redis.call('HSET', batch, 'key', key)
redis.call('ZADD', keyed, redis.call('HGET', batch, 'createdAtMs'), redis.call('HGET', batch, 'id'))
