-- Deletes some keys of a batch that is being removed; Redis frees their memory in the background.
redis.call('UNLINK', unpack(others))
