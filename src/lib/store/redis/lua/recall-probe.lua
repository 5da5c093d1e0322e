-- What is known of a video that several rows name, and whose turn it is to read it.
-- `digest`: that of its address. `turn`: the caller's, should it be the next: the ms until which it may read, with decimals
-- of its own.
-- Returns: {'unshared'} | {'known', result} | {'yours'} | {'being_read'}
local known = redis.call('HGET', probeMemory, digest)
if not known then
  return { 'unshared' }
end
if string.sub(known, 1, 1) == '{' then
  return { 'known', known }
end
if (tonumber(known) or 0) > tonumber(nowMs) then
  return { 'being_read' }
end
redis.call('HSET', probeMemory, digest, turn)
return { 'yours' }
