-- Notes how rows of one chunk ended in the batch that this one continues. What a row has is left alone.
for _, one in ipairs(rows) do
  redis.call('HSETNX', earlier, one.row, one.outcome)
end
