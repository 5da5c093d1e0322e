import { expect, test } from 'vitest';
import { connectRedis } from '../../../src/lib/redis/connection.ts';
import { startTcpProxy } from '../../chaos/tcp-proxy.ts';
import { startPrivateRedis } from '../../setup/redis/private-redis.ts';
import { tell } from '../../setup/redis/redis-groups.ts';

test('a server that comes back without the database gets no command, and the one that has it gets them all', async () => {
  await using whole = await startPrivateRedis(['--databases', '4']);
  await using small = await startPrivateRedis(['--databases', '1']);
  let port = whole.port;
  await using proxy = await startTcpProxy(() => port);
  const redis = await connectRedis({ url: `redis://127.0.0.1:${proxy.port}/3` }, 'test', 'patient');

  const errors: string[] = [];
  redis.on('error', ({ message }) => errors.push(message));

  port = small.port;
  redis.stream.destroy();
  await expect.poll(() => errors.length, { timeout: 20_000 }).toBeGreaterThan(0);
  const written = redis.set('key', 'value');
  await expect.poll(() => errors.length, { timeout: 20_000 }).toBeGreaterThan(2);
  port = whole.port;

  expect(await written).toBe('OK');
  expect(new Set(errors)).toEqual(new Set(['ERR DB index is out of range']));
  expect(await tell(small.url, 'DBSIZE')).toBe(0);
  expect(await tell(`${whole.url}/3`, 'GET', 'key')).toBe('value');
  redis.disconnect();
});
