-- Has videos that several rows name read again. `digests` are those of their addresses.
for _, digest in ipairs(digests) do
  redis.call('HSET', probeMemory, digest, '')
end
