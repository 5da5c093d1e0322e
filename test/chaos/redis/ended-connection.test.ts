import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { klingManifest, test, type Workplace } from '../../e2e/e2e-test.ts';
import type { CliProcess, CliResult } from '../../setup/cli-process.ts';
import type { PrivateRedis } from '../../setup/redis/private-redis.ts';
import { tell } from '../../setup/redis/redis-groups.ts';

const PRELOAD = fileURLToPath(new URL('./end-connections.mjs', import.meta.url));
const ROWS = 40;
const AT_ONCE = 8;
const UNAVAILABLE = 75;

const lastingEnd = (place: Workplace): Record<string, string> => ({
  NODE_OPTIONS: `--import=${PRELOAD}`,
  END_CONNECTIONS: place.path('end'),
});

async function prepare(place: Workplace) {
  const redis = await place.redis();
  const api = await place.api({ delayMs: 1_000 });
  await place.write('clips.csv', klingManifest(ROWS));
  return { redis, api };
}

/** Ends all connections of a process for good, and lets it open others when it has said so. */
async function endConnections(
  place: Workplace,
  redis: PrivateRedis,
  victim: CliProcess,
): Promise<CliResult> {
  await place.write('end', '');
  await tell(redis.url, 'CLIENT', 'KILL', 'TYPE', 'normal');
  await victim.waitForText('redis connection ended');
  await rm(place.path('end'));
  return await victim.result();
}

test('a worker whose connection to Redis has ended for good stores the answers it holds, and exits to be restarted', async ({
  place,
}) => {
  const { redis, api } = await prepare(place);
  await place.cli(['import', 'clips.csv', '--batch', 'clips']);
  const args = ['worker', '--api-concurrency', String(AT_ONCE)];
  const worker = place.start(args, { env: lastingEnd(place) });
  await api.waitForCalls(AT_ONCE);

  const { exitCode, stderr } = await endConnections(place, redis, worker);

  expect(exitCode).toBe(UNAVAILABLE);
  expect(stderr.match(/redis connection ended/g)).toHaveLength(1);
  expect(stderr).not.toContain('engine error');
  expect(api.calls.length).toBeLessThan(ROWS);
  // Another one takes over, as a supervisor would start it.
  place.start(['worker']);
  const again = ['import', 'clips.csv', '--batch', 'clips', '--wait'];
  expect(await place.cli(again)).toMatchObject({ exitCode: 0 });
  expect(await place.cli(['verify', 'clips'])).toMatchObject({ exitCode: 0 });
  expect(api.calls).toHaveLength(ROWS);
});

test('`run` whose connection to Redis has ended for good stores the answers it holds, and the same command resumes', async ({
  place,
}) => {
  const { redis, api } = await prepare(place);
  const args = ['run', 'clips.csv', '--api-concurrency', String(AT_ONCE)];
  const run = place.start(args, { env: lastingEnd(place) });
  await api.waitForCalls(AT_ONCE);

  expect((await endConnections(place, redis, run)).exitCode).toBe(UNAVAILABLE);

  expect(await place.cli(args)).toMatchObject({ exitCode: 0 });
  expect(api.calls).toHaveLength(ROWS);
});

test('a dashboard whose connection to Redis has ended for good exits to be restarted', async ({
  place,
}) => {
  const redis = await place.redis();
  const dashboard = place.start(['dashboard', '--dashboard-port', '0'], { env: lastingEnd(place) });
  await dashboard.waitForText('dashboard started');
  expect((await endConnections(place, redis, dashboard)).exitCode).toBe(UNAVAILABLE);
});
