-- Notes rows of one chunk as handed to a stage and moves the cursor. A row that a worker was quicker with is left alone.
-- The cursor stays when rows were reopened since the caller read it: they may lie behind what the caller has seen.
-- Nothing is noted in a batch whose untouched rows have been cancelled meanwhile.
-- KEYS: 1 batch  2 under way  3 outcomes
-- ARGV: 1 last row  2 reopenings when the cursor was read  3… row, progress, state (three per row)
-- Returns: number of rows noted
if redis.call('HEXISTS', KEYS[1], 'cancelledAtMs') == 1 then
  return 0
end
local noted = 0
for i = 3, #ARGV, 3 do
  local row = ARGV[i]
  if redis.call('HEXISTS', KEYS[3], row) == 0 and redis.call('HSETNX', KEYS[2], row, ARGV[i + 1]) == 1 then
    redis.call('HINCRBY', KEYS[1], 'n:' .. ARGV[i + 2], 1)
    noted = noted + 1
  end
end
if noted > 0 then -- Lua has a -0, which HINCRBY refuses
  redis.call('HINCRBY', KEYS[1], 'n:waiting', -noted)
  redis.call('HINCRBY', KEYS[1], 'moves', 1)
end
local cursor = tonumber(ARGV[1]) + 1
local present, reopenings = unpack(redis.call('HMGET', KEYS[1], 'cursor', 'reopenings'))
if cursor > tonumber(present) and reopenings == ARGV[2] then
  redis.call('HSET', KEYS[1], 'cursor', cursor)
end
return noted
