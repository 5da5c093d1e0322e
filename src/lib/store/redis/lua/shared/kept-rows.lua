-- Rows that keep the session of an earlier batch are stored together, as a block of their chunk (`pack-kept.ts`). It
-- begins with one bit a row: 1 while the row's outcome is the one in the block. An import sets it, and nothing sets
-- it again. Uses `keptBlock`, `outcomes` and `rowsPerChunk`.
local function isKept(row)
  return redis.call('GETBIT', keptBlock, (row - 1) % rowsPerChunk) == 1
end

local function hasOutcome(row)
  return redis.call('HEXISTS', outcomes, row) == 1 or isKept(row)
end

-- Takes a row's outcome out of the block before it changes. `outcome`: the row's outcome as the caller read it. This
-- is safe because a row has no outcome before the one in its block, and never gets that one again.
local function takeOutOfBlock(row, outcome)
  if isKept(row) then
    redis.call('HSETNX', outcomes, row, outcome)
    redis.call('SETBIT', keptBlock, (row - 1) % rowsPerChunk, 0)
  end
end
