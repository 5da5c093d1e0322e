-- Records how a manifest was understood and, once all its rows are stored, that it was read to its end. No other
-- script sets that. A batch whose manifest was read to its end before is not changed.
-- `shape` is JSON. `isWhole`: '1' or '0'.
if redis.call('HGET', batch, 'readToEnd') ~= '1' then
  redis.call('HSET', batch, 'shape', shape, 'readToEnd', isWhole)
end
