-- Makes workers read videos again that several rows name. `digests` are those of their addresses.
for _, digest in ipairs(digests) do
  redis.call('HSET', probeMemory, digest, '')
end
