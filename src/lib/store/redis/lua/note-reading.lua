-- Notes how a manifest was understood and, once all its rows are stored, that it was read to its end: the one place
-- that says so. A batch whose manifest was read to its end before is left alone.
-- `shape` is JSON. `isWhole`: '1' or '0'.
if redis.call('HGET', batch, 'readToEnd') ~= '1' then
  redis.call('HSET', batch, 'shape', shape, 'readToEnd', isWhole)
end
