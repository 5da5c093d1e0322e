-- What is known of a video that several rows name, and whose turn it is to read it.
-- KEYS: 1 probe memory
-- ARGV: 1 digest of its address  2 now in ms  3 until when the caller may read it, in ms
-- Returns: {'unshared'} | {'known', result} | {'yours'} | {'being_read'}
local known = redis.call('HGET', KEYS[1], ARGV[1])
if not known then
  return { 'unshared' }
end
if string.sub(known, 1, 1) == '{' then
  return { 'known', known }
end
if known ~= '' and tonumber(known) > tonumber(ARGV[2]) then
  return { 'being_read' }
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return { 'yours' }
