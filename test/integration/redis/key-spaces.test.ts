import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { connect, startWorker } from '../../../src/library/main.ts';
import { startApiServer } from '../../setup/api-server.ts';
import { startRedisCluster } from '../../setup/redis/redis-groups.ts';

/** Names whose slots are on different nodes of three. */
const SPACES = ['account-a', 'account-b'] as const;

const rows = [{ sku: 'a', video_id: '100000000000000001', task_id: '100000000000000501' }];

test('two installations share a cluster: each has a node, batches, workers and a gate of its own', async () => {
  await using cluster = await startRedisCluster();
  await using api = await startApiServer();
  const settings = { COMETAPI_KEY: 'test-key', API_BASE_URL: api.baseUrl };
  const [first, second] = SPACES.map((REDIS_KEY_SPACE) => ({
    redis: cluster.url,
    settings: { ...settings, REDIS_KEY_SPACE },
  })) as [Parameters<typeof startWorker>[0], Parameters<typeof startWorker>[0]];
  await using one = await connect(first);
  await using other = await connect(second);
  await using worker = await startWorker(first);

  const { batchId } = await one.importManifest({ rows, name: 'same' });
  const { batchId: otherId } = await other.importManifest({ rows, name: 'same' });
  const progress = await one.wait(batchId, { everyMs: 50 });

  expect(otherId).toBe(batchId);
  expect(progress).toMatchObject({ state: 'completed', counts: { succeeded: 1 } });
  expect(await other.status(batchId)).toMatchObject({ state: 'running', ended: 0 });

  await worker.stop();
  await using _otherWorker = await startWorker(second);
  expect(await other.wait(batchId, { everyMs: 50 })).toMatchObject({ counts: { succeeded: 1 } });
  expect(api.calls).toHaveLength(2);

  const spaces = await Promise.all(cluster.nodes.map(({ url }) => spacesAt(url)));
  expect(spaces.filter((found) => found.length > 0).sort()).toEqual(SPACES.map((space) => [space]));
});

/** The hash tags of all keys of one node. */
async function spacesAt(url: string): Promise<string[]> {
  const node = new Redis(url);
  const keys = await node.keys('*');
  node.disconnect();
  return [...new Set(keys.map((key) => /^\{(.*?)\}:/.exec(key)?.[1] ?? key))];
}
