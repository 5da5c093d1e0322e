import { describe, expect } from 'vitest';
import { klingManifest, test } from '../e2e/e2e-test.ts';
import { startPrivateRedis } from '../setup/redis/private-redis.ts';
import {
  startRedisCluster,
  startSentinel,
  tell,
  waitForReplica,
} from '../setup/redis/redis-groups.ts';

const ROWS = 60;
/** Several servers and processes start for each test. */
const TIMEOUT_MS = 120_000;

describe('a cluster of three nodes', { timeout: TIMEOUT_MS }, () => {
  test('carries a batch from import to report, all keys on one node', async ({ place }) => {
    await using cluster = await startRedisCluster();
    place.env.REDIS_URL = cluster.url;
    const api = await place.api({ delayMs: 20 });
    await place.write('clips.csv', klingManifest(ROWS));
    place.start(['worker']);

    const imported = await place.cli(['import', 'clips.csv', '--batch', 'clips', '--wait']);

    expect(imported).toMatchObject({ exitCode: 0 });
    expect((await place.cli(['verify', 'clips'])).exitCode).toBe(0);
    const report = await place.cli(['results', 'clips']);
    expect(report.stdout.trim().split('\n')).toHaveLength(ROWS + 1);
    expect(api.calls).toHaveLength(ROWS);
    const sizes = await Promise.all(cluster.nodes.map(({ url }) => tell(url, 'DBSIZE')));
    expect(sizes.filter((size) => Number(size) > 0)).toHaveLength(1);
  });

  test('that would evict keys on one of its nodes is refused', async ({ place }) => {
    await using cluster = await startRedisCluster();
    place.env.REDIS_URL = cluster.url;
    const [first] = cluster.nodes;
    await tell(first?.url ?? '', 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    expect(await place.cli(['batches'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('allkeys-lru'),
    });
  });
});

describe('a primary that a sentinel watches', { timeout: TIMEOUT_MS }, () => {
  test('may die in the middle of a batch: its replica carries the batch to the end', async ({
    place,
  }) => {
    await using primary = await startPrivateRedis();
    await using replica = await startPrivateRedis(['--replicaof', `127.0.0.1 ${primary.port}`]);
    await waitForReplica(replica);
    await using sentinel = await startSentinel(primary);
    place.env.REDIS_URL = sentinel.url;
    const api = await place.api({ delayMs: 100 });
    await place.write('clips.csv', klingManifest(ROWS));
    await place.cli(['import', 'clips.csv', '--batch', 'clips']);
    const worker = place.start(['worker']);
    await api.waitForCalls(ROWS / 4);

    await primary.kill();
    await sentinel.waitForFailOver();
    await worker.waitForText('redis is back');

    const waited = await place.cli(['import', 'clips.csv', '--batch', 'clips', '--wait']);
    expect(waited).toMatchObject({ exitCode: 0 });
    expect((await place.cli(['verify', 'clips'])).exitCode).toBe(0);
    const report = await place.cli(['results', 'clips', '--status', 'succeeded']);
    expect(report.stdout.trim().split('\n')).toHaveLength(ROWS + 1);
    const calls = [...api.callsBySource().values()];
    expect(calls).toHaveLength(ROWS);
    // Only rows that were at the API when the primary died, or whose record the replica had not received yet.
    expect(api.calls.length - ROWS).toBeLessThan(ROWS / 4);
    expect(worker.isRunning).toBe(true);
  });
});
