-- Records how rows of one chunk ended in the batch that this one continues. Existing entries are not changed.
for _, one in ipairs(rows) do
  redis.call('HSETNX', earlier, one.row, one.outcome)
end
