if redis.call('GET', lease) == me then
  redis.call('DEL', lease)
end
