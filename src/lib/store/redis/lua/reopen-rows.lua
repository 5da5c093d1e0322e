-- Lets ended rows of one chunk wait again; their outcomes are kept with the row's earlier ones.
-- KEYS: 1 batch  2 outcomes  3 under way  4 again  5 errors  6 earlier  7 sessions  8 marks
-- ARGV: seven per row: row, expected outcome, status, error code or '', session bucket or '', possible orphans,
--       progress to begin with
-- The rows are found by the cursor. One that has lost calls must remember them, and where untouched rows are
-- cancelled ones the cursor finds nothing: such rows are returned instead.
-- Returns: number of rows reopened
local reopened = 0
local areUntouchedCancelled = redis.call('HEXISTS', KEYS[1], 'cancelledAtMs') == 1
local cursor = tonumber(redis.call('HGET', KEYS[1], 'cursor'))
for i = 1, #ARGV, 7 do
  local row, expected = ARGV[i], ARGV[i + 1]
  if redis.call('HGET', KEYS[2], row) == expected then
    redis.call('HDEL', KEYS[2], row)
    redis.call('SETRANGE', KEYS[8], (row - 1) * 2, '\0\0')
    local earlier = redis.call('HGET', KEYS[6], row)
    redis.call('HSET', KEYS[6], row, earlier and (earlier .. '\n' .. expected) or expected)
    redis.call('HINCRBY', KEYS[1], 'n:' .. ARGV[i + 2], -1)
    redis.call('HINCRBY', KEYS[1], 'n:waiting', 1)
    if ARGV[i + 3] ~= '' and redis.call('HINCRBY', KEYS[5], 'n:' .. ARGV[i + 3], -1) <= 0 then
      redis.call('HDEL', KEYS[5], 'n:' .. ARGV[i + 3], 'message:' .. ARGV[i + 3])
    end
    if ARGV[i + 4] ~= '' then
      redis.call('HINCRBY', KEYS[7], ARGV[i + 4], -1)
    end
    redis.call('HINCRBY', KEYS[1], 'orphans', 0 - tonumber(ARGV[i + 5]))
    if areUntouchedCancelled or ARGV[i + 5] ~= '0' then
      redis.call('HSET', KEYS[3], row, ARGV[i + 6])
      redis.call('ZADD', KEYS[4], row, row)
    elseif tonumber(row) < cursor then
      cursor = tonumber(row)
    end
    reopened = reopened + 1
  end
end
if reopened > 0 then
  redis.call('HSET', KEYS[1], 'cursor', cursor)
  redis.call('HINCRBY', KEYS[1], 'reopenings', 1)
  redis.call('HINCRBY', KEYS[1], 'moves', 1)
end
return reopened
