-- Notes rows of one chunk as handed to a stage and moves the cursor. A row that a worker was quicker with is left alone.
-- KEYS: 1 batch  2 under way  3 outcomes
-- ARGV: 1 last row  2… row, progress, state (three per row)
-- Returns: number of rows noted
local noted = 0
for i = 2, #ARGV, 3 do
  local row = ARGV[i]
  if redis.call('HEXISTS', KEYS[3], row) == 0 and redis.call('HSETNX', KEYS[2], row, ARGV[i + 1]) == 1 then
    redis.call('HINCRBY', KEYS[1], 'n:' .. ARGV[i + 2], 1)
    noted = noted + 1
  end
end
if noted > 0 then -- Lua has a -0, which HINCRBY refuses
  redis.call('HINCRBY', KEYS[1], 'n:waiting', -noted)
end
local cursor = tonumber(ARGV[1]) + 1
if cursor > tonumber(redis.call('HGET', KEYS[1], 'cursor')) then
  redis.call('HSET', KEYS[1], 'cursor', cursor)
end
return noted
