-- Counts an error and keeps the first message of its code; '' means no error. Uses `errors`.
local function countError(code, message)
  if code ~= '' then
    redis.call('HINCRBY', errors, 'n:' .. code, 1)
    redis.call('HSETNX', errors, 'message:' .. code, message)
  end
end
