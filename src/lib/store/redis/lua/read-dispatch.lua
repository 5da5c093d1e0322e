-- Reads all that dispatch needs. One step, so that a row that ends meanwhile is seen in one place and not in none. A
-- script, as a full Redis refuses even reads within a transaction.
-- Returns: {fields and values of the batch's hash, rows with progress, rows returned to dispatch}
return {
  redis.call('HGETALL', batch),
  redis.call('HLEN', underWay),
  redis.call('ZCARD', again),
}
