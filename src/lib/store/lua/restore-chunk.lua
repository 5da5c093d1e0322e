-- Puts back a chunk that is gone. A row that has an outcome or is under way keeps it.
-- KEYS: 1 chunk  2 outcomes  3 under way
-- ARGV: 1 packed rows  2… row, outcome (two per outcome)
redis.call('SET', KEYS[1], ARGV[1], 'NX')
for i = 2, #ARGV, 2 do
  if redis.call('HEXISTS', KEYS[3], ARGV[i]) == 0 then
    redis.call('HSETNX', KEYS[2], ARGV[i], ARGV[i + 1])
  end
end
