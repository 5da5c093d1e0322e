-- Reads all that dispatch needs, in one step, so that a row that ends meanwhile is still seen in one place. A script,
-- because a full Redis refuses even reads within a transaction. Returns: {fields and values of the batch's hash, rows
-- with progress, rows returned to dispatch}
return {
  redis.call('HGETALL', batch),
  redis.call('HLEN', underWay),
  redis.call('ZCARD', again),
}
