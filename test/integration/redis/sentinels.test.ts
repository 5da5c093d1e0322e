import { once } from 'node:events';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { connectRedis } from '../../../src/lib/redis/connection.ts';
import { startTcpProxy } from '../../chaos/tcp-proxy.ts';
import { startPrivateRedis } from '../../setup/redis/private-redis.ts';
import { startSentinel, tell, until, waitForReplica } from '../../setup/redis/redis-groups.ts';

const SWITCH = '+switch-master';

test('A client that asks the sentinels while the primary is replaced goes to the new primary', {
  timeout: 60_000,
}, async () => {
  await using primary = await startPrivateRedis();
  await using replica = await startPrivateRedis();
  await tell(replica.url, 'REPLICAOF', '127.0.0.1', String(primary.port));
  await waitForReplica(replica);
  await using sentinel = await startSentinel(primary);
  const sentinelPort = Number(new URL(sentinel.url).port);
  await using proxy = await startTcpProxy(sentinelPort);
  const url = `redis+sentinel://127.0.0.1:${proxy.port}/main`;
  const client = await connectRedis({ url }, 'test', 'patient');
  client.on('error', () => undefined);
  const isSubscribed = async (): Promise<boolean> =>
    / sub=1 /.test(String(await tell(`redis://127.0.0.1:${sentinelPort}`, 'CLIENT', 'LIST')));
  await until(isSubscribed);
  // Subscribes after the client, and so hears of the new primary after it.
  const listener = new Redis(proxy.port, '127.0.0.1');
  await listener.subscribe(SWITCH);

  const asking = proxy.shut();
  client.stream.destroy();
  await asking;
  const switched = once(listener, 'message');
  await sentinel.failOver();
  await switched;
  proxy.open();

  expect(await client.set('key', 'value')).toBe('OK');
  expect(await tell(replica.url, 'GET', 'key')).toBe('value');
  listener.disconnect();
  client.disconnect();
});
