-- Tells from which event on the feed is about a batch. What is not in it yet may have ended rows of an older version.
-- Returns: the number of that event
if redis.call('HEXISTS', batch, 'feedFrom') == 0 then
  announce({ allRows })
end
return redis.call('HGET', batch, 'feedFrom')
