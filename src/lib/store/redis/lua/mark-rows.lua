-- Marks rows of one chunk if they still have the outcome that the caller read, or still none ('').
for _, seen in ipairs(rows) do
  if (redis.call('HGET', outcomes, seen.row) or '') == seen.outcome then
    redis.call('SETRANGE', marks, (seen.row - 1) * 2, seen.mark)
  end
end
