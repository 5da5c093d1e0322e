-- Reads the outcomes of a chunk as two texts: a client takes a text apart much faster than it reads a thousand replies.
-- Returns: {rows, outcomes}, one a line
local rows, texts = {}, {}
local fields = redis.call('HGETALL', outcomes)
for at = 1, #fields, 2 do
  rows[#rows + 1] = fields[at]
  texts[#texts + 1] = fields[at + 1]
end
return { table.concat(rows, '\n'), table.concat(texts, '\n') }
