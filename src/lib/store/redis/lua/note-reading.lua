-- Notes how a manifest was understood and, once all its rows are stored, that it was read to its end: the one place
-- that says so. A batch whose manifest was read to its end before is left alone.
-- KEYS: 1 batch
-- ARGV: 1 shape as JSON  2 '1' when every row is stored, else '0'
if redis.call('HGET', KEYS[1], 'readToEnd') ~= '1' then
  redis.call('HSET', KEYS[1], 'shape', ARGV[1], 'readToEnd', ARGV[2])
end
