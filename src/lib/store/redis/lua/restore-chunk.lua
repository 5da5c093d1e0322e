-- Restores a missing chunk. A row that has an outcome or is under way keeps it.
redis.call('SET', chunk, packedRows, 'NX')
local restored = {}
for _, ended in ipairs(known) do
  local isFree = redis.call('HEXISTS', underWay, ended.row) == 0 and not isKept(ended.row)
  if isFree and redis.call('HSETNX', outcomes, ended.row, ended.outcome) == 1 then
    redis.call('SETRANGE', marks, (ended.row - 1) * 2, struct.pack('>I2', ended.mark))
    restored[#restored + 1] = ended.row
  end
end
announce(restored)
