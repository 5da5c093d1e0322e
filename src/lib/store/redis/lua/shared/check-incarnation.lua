-- Stands before every script that reads or writes one batch for a caller that knows its incarnation. Nothing happens
-- if the batch was removed, even if another one was imported under its id since.
-- Batches of version 0.1 have no incarnation.
-- Returns: 'gone' instead of what the script returns
local found = redis.call('HMGET', batch, 'id', 'incarnation')
if not found[1] or (found[2] or '') ~= incarnation then
  return 'gone'
end
-- The batch as one word, as `formatRef` writes it.
local batchWord = incarnation == '' and found[1] or (found[1] .. '~' .. incarnation)
