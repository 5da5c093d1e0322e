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

test('a client whose primary has become a replica leaves it once, however many commands it refuses', {
  timeout: 60_000,
}, async () => {
  await using primary = await startPrivateRedis();
  await using replica = await startPrivateRedis(['--replicaof', `127.0.0.1 ${primary.port}`]);
  await waitForReplica(replica);
  await using sentinel = await startSentinel(primary);
  const client = await connectRedis({ url: sentinel.url }, 'test', 'patient');
  client.on('error', () => undefined);
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on('warning', note);
  await tell(primary.url, 'REPLICAOF', '127.0.0.1', String(replica.port));

  const left = once(client, 'close');
  const refused = Array.from({ length: 50 }, () => client.set('key', 'value'));
  void Promise.allSettled(refused);
  await left;
  client.disconnect();

  expect(warnings).toEqual([]);
  process.off('warning', note);
});
