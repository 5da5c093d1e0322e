import { once } from 'node:events';
import { createServer } from 'node:net';
import { Cluster } from 'ioredis';
import { expect, test } from 'vitest';
import { connectRedis, duplicateConnection } from '../../../src/lib/redis/connection.ts';
import { steadyCluster } from '../../../src/lib/redis/steady-cluster.ts';
import { findFreePort, startPrivateRedis } from '../../setup/redis/private-redis.ts';
import { startRedisCluster, tell } from '../../setup/redis/redis-groups.ts';

test('connecting to a cluster that cannot serve yet ends, and the client is ready later', {
  timeout: 30_000,
}, async () => {
  const bus = String(await findFreePort());
  const ofCluster = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'];
  await using node = await startPrivateRedis([...ofCluster, '--cluster-port', bus]);
  await tell(node.url, 'CLUSTER', 'ADDSLOTSRANGE', '0', '16382');
  const nodes = [{ host: '127.0.0.1', port: node.port }];
  const first = steadyCluster(new Cluster(nodes, { lazyConnect: true }));
  const clients = [first, first.duplicate()];

  for (const client of clients) await expect(client.connect()).rejects.toThrow('closed');

  await tell(node.url, 'CLUSTER', 'ADDSLOTS', '16383');
  for (const client of clients) {
    expect(await client.set('key', 'value')).toBe('OK');
    client.disconnect();
  }
});

test('a client that waits for its next attempt to reach the cluster ends when it is told to', async () => {
  const nodes = [{ host: '127.0.0.1', port: await findFreePort() }];
  const options = { lazyConnect: true, clusterRetryStrategy: () => 60_000 };
  const client = steadyCluster(new Cluster(nodes, options));
  client.on('error', () => undefined);
  const waiting = new Promise((resolve) => client.once('reconnecting', resolve));
  await expect(client.connect()).rejects.toThrow();
  await waiting;
  const ended = new Promise((resolve) => client.once('end', resolve));
  client.disconnect();
  await ended;
});

test('commands to a primary that is frozen go to the replica that takes over', {
  timeout: 60_000,
}, async () => {
  const settings = ['--cluster-node-timeout', '3000'];
  await using cluster = await startRedisCluster({ hasReplicas: true, settings });
  const client = await connectRedis({ url: cluster.url }, 'test', 'patient');
  const { primary } = await cluster.findNodesOf('key');
  await client.set('key', 'before');
  primary.signal('SIGSTOP');
  await expect.poll(() => client.set('key', 'after'), { timeout: 50_000 }).toBe('OK');
  primary.signal('SIGCONT');
  client.disconnect();
});

/** Node warns of the eleventh listener. */
const TRIES = 12;
/** Five a second, and as many again for a machine that is late. */
const MOST_TRIES_A_MS = 10 / 1_000;

/** Closes each connection at once. */
async function refuse(port: number, onTry: () => void): Promise<AsyncDisposable> {
  const server = createServer((socket) => {
    socket.destroy();
    onTry();
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

test('a subscription to a cluster that is away is tried a few times a second, leaves no listeners behind, and hears again', {
  timeout: 60_000,
}, async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on('warning', note);
  await using cluster = await startRedisCluster();
  const client = await connectRedis({ url: cluster.url }, 'test', 'patient');
  const subscriber = duplicateConnection(client, 'test-subscriber');
  await subscriber.subscribe('channel');
  client.disconnect();

  for (const node of cluster.nodes) await node.kill();
  let tries = 0;
  const sinceMs = performance.now();
  const closed = await Promise.all(
    cluster.nodes.map(({ port }) =>
      refuse(port, () => {
        tries += 1;
      }),
    ),
  );
  await expect.poll(() => tries, { timeout: 20_000 }).toBeGreaterThan(TRIES);
  expect(tries / (performance.now() - sinceMs)).toBeLessThan(MOST_TRIES_A_MS);
  for (const one of closed) await one[Symbol.asyncDispose]();

  for (const node of cluster.nodes) await node.restart();
  const heard: unknown[] = [];
  subscriber.on('message', (...message) => heard.push(message));
  const publish = async (): Promise<unknown> => {
    await tell(cluster.nodes[0]?.url ?? '', 'PUBLISH', 'channel', 'word');
    return heard[0];
  };
  await expect.poll(publish, { timeout: 30_000 }).toEqual(['channel', 'word']);
  expect(warnings).toEqual([]);
  process.off('warning', note);
  subscriber.disconnect();
});
