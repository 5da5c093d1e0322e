-- What is known of a video that several rows name, and whose turn it is to read it.
-- KEYS: 1 batch  2 probe memory
-- ARGV: 1 digest of its address  2 now in ms  3 the caller's turn, should it be the next: a number of its own, the ms until which it may read
-- Returns: {'unshared'} | {'known', result} | {'yours'} | {'being_read'}
local known = redis.call('HGET', KEYS[2], ARGV[1])
if not known then
  return { 'unshared' }
end
if string.sub(known, 1, 1) == '{' then
  return { 'known', known }
end
if (tonumber(known) or 0) > tonumber(ARGV[2]) then
  return { 'being_read' }
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
return { 'yours' }
