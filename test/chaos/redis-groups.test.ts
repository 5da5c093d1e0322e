import { describe, expect } from 'vitest';
import { klingManifest, test, type Workplace } from '../e2e/e2e-test.ts';
import type { ApiServer } from '../setup/api-server.ts';
import { startPrivateRedis } from '../setup/redis/private-redis.ts';
import {
  startRedisCluster,
  startSentinel,
  tell,
  waitForReplica,
} from '../setup/redis/redis-groups.ts';

const ROWS = 60;
/** Several servers and processes start for each test. */
const TIMEOUT_MS = 180_000;
const MANY_ROWS = 600;
/** A busy machine must not make the nodes of a cluster think that one of them is dead. */
const QUICK_FAILOVER = ['--cluster-node-timeout', '5000'];

interface Carried {
  api: ApiServer;
  possibleOrphans: number;
}

/**
 * Runs a batch, calls `strike` in the middle, and expects every row to have its own session at the end, and the worker
 * to have said at most once that Redis was lost.
 */
async function carryBatchOver(
  place: Workplace,
  url: string,
  strike: () => Promise<unknown>,
): Promise<Carried> {
  place.env.REDIS_URL = url;
  const api = await place.api({ delayMs: 50 });
  await place.write('clips.csv', klingManifest(MANY_ROWS));
  await place.cli(['import', 'clips.csv', '--batch', 'clips']);
  const worker = place.start(['worker', '--api-concurrency', '20']);
  await api.waitForCalls(MANY_ROWS / 3);
  await strike();
  await api.waitForCalls(MANY_ROWS);

  const again = ['import', 'clips.csv', '--batch', 'clips', '--wait'];
  expect(await place.cli(again)).toMatchObject({ exitCode: 0 });
  expect(await place.cli(['verify', 'clips'])).toMatchObject({ exitCode: 0 });
  await place.cli(['results', 'clips', '--out', 'results.csv']);
  const sessions = (await place.report('results.csv')).map((row) => row.kling_session_id);
  expect(new Set(sessions).size).toBe(MANY_ROWS);
  expect(worker.isRunning).toBe(true);
  const lost = worker
    .stderrSoFar()
    .split('\n')
    .filter((line) => line.includes('redis lost'));
  expect(lost.length).toBeLessThanOrEqual(1);
  const { stdout } = await place.cli(['status', 'clips', '--json']);
  return { api, possibleOrphans: JSON.parse(stdout).batch.possibleOrphans };
}

describe('cluster of three nodes', { timeout: TIMEOUT_MS }, () => {
  test('a cluster of three nodes carries a batch from import to report, all keys on one node', async ({
    place,
  }) => {
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

  test('a cluster of three nodes that would evict keys on one of its nodes is refused', async ({
    place,
  }) => {
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

describe('a cluster whose primary is replaced', { timeout: TIMEOUT_MS }, () => {
  const KEY = '{kling-sessions}:gate';

  test('after a crash loses no answer, and counts the calls that were made twice', async ({
    place,
  }) => {
    await using cluster = await startRedisCluster({ hasReplicas: true, settings: QUICK_FAILOVER });
    const { primary } = await cluster.findNodesOf(KEY);
    const { api, possibleOrphans } = await carryBatchOver(place, cluster.url, () => primary.kill());
    expect(api.calls.length - MANY_ROWS).toBeLessThanOrEqual(possibleOrphans);
  });

  test('a primary that is replaced on request loses no answer, and counts the calls that were made twice', async ({
    place,
  }) => {
    await using cluster = await startRedisCluster({ hasReplicas: true, settings: QUICK_FAILOVER });
    const { replica } = await cluster.findNodesOf(KEY);
    const { api, possibleOrphans } = await carryBatchOver(place, cluster.url, () =>
      tell(replica.url, 'CLUSTER', 'FAILOVER'),
    );
    expect(api.calls.length - MANY_ROWS).toBeLessThanOrEqual(possibleOrphans);
  });
});

describe('primary that a sentinel watches', { timeout: TIMEOUT_MS }, () => {
  test('a primary that a sentinel watches may be replaced on request, and hardly any row is called twice', async ({
    place,
  }) => {
    const writesNeedReplica = ['--min-replicas-to-write', '1'];
    await using primary = await startPrivateRedis(writesNeedReplica);
    await using replica = await startPrivateRedis([
      ...writesNeedReplica,
      ...['--replicaof', `127.0.0.1 ${primary.port}`],
    ]);
    await waitForReplica(replica);
    await using sentinel = await startSentinel(primary);
    const { api } = await carryBatchOver(place, sentinel.url, () => sentinel.failOver());
    // Records that the old primary acknowledged without its replica are lost, among them those of calls.
    expect(api.calls.length - MANY_ROWS).toBeLessThanOrEqual(MANY_ROWS / 100);
  });

  test('a primary that a sentinel watches may crash in the middle of a batch: its replica finishes the batch', async ({
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
