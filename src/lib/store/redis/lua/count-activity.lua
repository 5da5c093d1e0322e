-- Adds to what was done for a batch lately, in steps of three lengths, and drops the oldest steps.
-- `counters`: each has a `field` and the number `by`.
for index, key in ipairs({ batchMinutes, batchTens, batchHours }) do
  local resolution = resolutions[index]
  local step = math.floor(tonumber(nowMs) / resolution.stepMs)
  if redis.call('HGET', key, 'latest') ~= tostring(step) then
    local oldest = step - resolution.keptMs / resolution.stepMs
    for _, field in ipairs(redis.call('HKEYS', key)) do
      local at = tonumber(string.match(field, '^(%d+):'))
      if at and at < oldest then
        redis.call('HDEL', key, field)
      end
    end
    redis.call('HSET', key, 'latest', step)
  end
  for _, counter in ipairs(counters) do
    redis.call('HINCRBY', key, step .. ':' .. counter.field, counter.by)
  end
  redis.call('PEXPIRE', key, resolution.keptMs)
end
