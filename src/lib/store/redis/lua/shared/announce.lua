-- Appends the changed rows to the feed: each scope is a number (`packing/pack-feed-event.ts`). An event takes nine
-- bytes: five for the number of the batch's first event, which identifies the batch in the feed, and four for the
-- scope. Uses `batch`, `batchWord`, `feed`, `feedBatches` and `eventsPerSegment`.
local function announce(scopes)
  if #scopes == 0 then
    return
  end
  local at = redis.call('HINCRBY', feed, 'events', #scopes) - #scopes -- the number of earlier events
  local first = redis.call('HGET', batch, 'feedFrom')
  if not first then
    first = at + 1
    redis.call('HSET', batch, 'feedFrom', first)
    redis.call('ZADD', feedBatches, first, batchWord)
  end
  local segment, offset, events = math.floor(at / eventsPerSegment), at % eventsPerSegment, {}
  for i, scope in ipairs(scopes) do
    events[#events + 1] = struct.pack('>I5I4', first, scope)
    local isFull = offset + #events == eventsPerSegment
    if isFull or i == #scopes then
      redis.call('SETRANGE', feed .. ':' .. segment, offset * 9, table.concat(events))
      segment, offset, events = segment + 1, 0, {}
    end
  end
end
