-- Ends a turn at reading a video that several rows name. A turn that has passed to another reader, or was begun before
-- a retry had the video read again, changes nothing.
-- KEYS: 1 batch  2 probe memory
-- ARGV: 1 digest of the address  2 the caller's turn  3 what was found, or '' when the next reader is to try
if redis.call('HGET', KEYS[2], ARGV[1]) == ARGV[2] then
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
end
