-- Marks rows of one chunk if they still have the outcome that the caller read, or still none ('').
for _, seen in ipairs(rows) do
  local present = redis.call('HGET', outcomes, seen.row)
  local isUnchanged = present == seen.outcome
  if not present then
    isUnchanged = isKept(seen.row) == (seen.outcome ~= '')
  end
  if isUnchanged then
    redis.call('SETRANGE', marks, (seen.row - 1) * 2, struct.pack('>I2', seen.mark))
  end
end
