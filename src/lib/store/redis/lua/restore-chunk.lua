-- Puts back a chunk that is gone. A row that has an outcome or is under way keeps it.
-- KEYS: 1 batch  2 chunk  3 outcomes  4 under way  5 marks
-- ARGV: 1 packed rows  2… row, outcome, mark (three per outcome)
redis.call('SET', KEYS[2], ARGV[1], 'NX')
for i = 2, #ARGV, 3 do
  local isUnderWay = redis.call('HEXISTS', KEYS[4], ARGV[i]) == 1
  if not isUnderWay and redis.call('HSETNX', KEYS[3], ARGV[i], ARGV[i + 1]) == 1 then
    redis.call('SETRANGE', KEYS[5], (ARGV[i] - 1) * 2, ARGV[i + 2])
  end
end
