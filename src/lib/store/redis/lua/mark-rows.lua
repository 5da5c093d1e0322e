-- Marks rows of one chunk, as far as they still have the outcome that the caller read, or still none.
-- KEYS: 1 batch  2 outcomes  3 marks
-- ARGV: row, expected outcome or '', mark (three per row)
for i = 1, #ARGV, 3 do
  if (redis.call('HGET', KEYS[2], ARGV[i]) or '') == ARGV[i + 1] then
    redis.call('SETRANGE', KEYS[3], (ARGV[i] - 1) * 2, ARGV[i + 2])
  end
end
