-- Stands before every script that reads or writes one batch for a caller that knows its incarnation: nothing happens
-- when the batch was removed, even if another one was imported under its id since.
-- KEYS: 1 batch
-- ARGV: the last one is the incarnation; the script itself does not see it. Batches of version 0.1 have none.
-- Returns: 'gone' instead of what the script returns
local wanted = table.remove(ARGV)
local found = redis.call('HMGET', KEYS[1], 'id', 'incarnation')
if not found[1] or (found[2] or '') ~= wanted then
  return 'gone'
end
-- The batch as one word, as `formatRef` writes it.
local batchWord = wanted == '' and found[1] or (found[1] .. '~' .. wanted)
