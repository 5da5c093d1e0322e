-- Returns the number of the batch's first event in the feed. A batch that is not in the feed yet may have rows that an
-- older version ended, so it joins with one event about all rows.
if redis.call('HEXISTS', batch, 'feedFrom') == 0 then
  announce({ allRows })
end
return redis.call('HGET', batch, 'feedFrom')
