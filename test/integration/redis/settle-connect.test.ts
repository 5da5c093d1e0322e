import { Cluster } from 'ioredis';
import { expect, test } from 'vitest';
import { settleConnect } from '../../../src/lib/redis/settle-connect.ts';
import { findFreePort, startPrivateRedis } from '../../setup/redis/private-redis.ts';
import { tell } from '../../setup/redis/redis-groups.ts';

test('connecting to a cluster that cannot serve yet ends, and the client is ready later', {
  timeout: 30_000,
}, async () => {
  const bus = String(await findFreePort());
  const ofCluster = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'];
  await using node = await startPrivateRedis([...ofCluster, '--cluster-port', bus]);
  await tell(node.url, 'CLUSTER', 'ADDSLOTSRANGE', '0', '16382');
  const nodes = [{ host: '127.0.0.1', port: node.port }];
  const first = settleConnect(new Cluster(nodes, { lazyConnect: true }));
  const clients = [first, first.duplicate()];

  for (const client of clients) await expect(client.connect()).rejects.toThrow('closed');

  await tell(node.url, 'CLUSTER', 'ADDSLOTS', '16383');
  for (const client of clients) {
    expect(await client.set('key', 'value')).toBe('OK');
    client.disconnect();
  }
});
