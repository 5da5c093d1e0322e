-- Replaces an outcome that proved wrong, if the row still has it. `replaced` holds the wrong one.
-- Returns: 1 if replaced, else 0
local was = replaced[1]
if not takeBack(was) then
  return 0
end
redis.call('HSET', outcomes, was.row, outcome)
redis.call('SETRANGE', marks, (was.row - 1) * 2, struct.pack('>I2', mark))
redis.call('HINCRBY', batch, 'n:' .. status, 1)
redis.call('HINCRBY', batch, 'moves', 1)
announce({ was.row })
countError(errorCode, errorMessage)
return 1
