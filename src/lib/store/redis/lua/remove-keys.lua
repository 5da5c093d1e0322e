-- Deletes some keys of a batch that is being removed; Redis frees their memory in the background.
-- KEYS: 1 batch, which stays  2… keys
redis.call('UNLINK', unpack(KEYS, 2))
