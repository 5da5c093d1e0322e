-- Ends a turn at reading a video that several rows name. A turn that has passed to another reader, or was begun before
-- a retry had the video read again, changes nothing.
-- `digest`: that of the address. `result`: what was found, or '' when the next reader is to try.
if redis.call('HGET', probeMemory, digest) == turn then
  redis.call('HSET', probeMemory, digest, result)
end
