-- Ends a turn at reading a video that several rows name. Nothing changes if the turn has passed to another reader, or
-- if a retry has asked for another reading since it began.
-- `digest`: that of the address. `result`: what was found, or '' if the next reader should try.
if redis.call('HGET', probeMemory, digest) == turn then
  redis.call('HSET', probeMemory, digest, result)
end
