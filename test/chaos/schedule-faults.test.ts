import { Redis } from 'ioredis';
import { expect, onTestFinished, vi } from 'vitest';
import type { Batch } from '../../src/lib/core/batch/batch.ts';
import { createKeys } from '../../src/lib/store/keys.ts';
import { RedisBatchStore } from '../../src/lib/store/redis/redis-batch-store.ts';
import { klingManifest, test, type Workplace } from '../e2e/e2e-test.ts';

const ROWS = 300_000;

/** Reads batches from the workplace's Redis as often as wanted, without a process each time. */
function openStore(place: Workplace): RedisBatchStore {
  const redis = new Redis(place.env.REDIS_URL ?? '');
  onTestFinished(() => redis.disconnect());
  return new RedisBatchStore(redis, createKeys());
}

/** An hour of the day that is not now, as a window. */
function shutWindow(): string {
  const hour = (hours: number): string => String((new Date().getUTCHours() + hours) % 24);
  return `${hour(6).padStart(2, '0')}:00-${hour(7).padStart(2, '0')}:00`;
}

test('a scheduled import whose worker is killed continues in another one, as the same batch with every row', async ({
  place,
}) => {
  await place.redis();
  await place.api();
  await place.write('clips.csv', klingManifest(ROWS));
  const flags = ['--cron', '0 2 * * *', '--tz', 'UTC', '--window', shutWindow()];
  await place.cli(['schedule', 'set', 'nightly', ...flags, '--manifest', 'clips.csv']);
  const id = (await place.cli(['schedule', 'run', 'nightly'])).stdout.trim();
  const store = openStore(place);
  const waitFor = (isSo: (batch: Batch) => boolean): Promise<Batch | null> =>
    vi.waitFor(
      async () => {
        const batch = await store.readBatch(id);
        expect(batch !== null && isSo(batch)).toBe(true);
        return batch;
      },
      { timeout: 90_000, interval: 20 },
    );

  const victim = place.start(['worker']);
  await waitFor(({ rows }) => rows > 0);
  victim.kill('SIGKILL');
  await victim.result();
  const halfway = await store.readBatch(id);
  const heir = place.start(['worker']);
  await waitFor(({ state }) => state === 'paused');
  const verified = await place.cli(['verify', id]);
  const shown = await place.cli(['schedule', 'show', 'nightly', '--json']);
  heir.kill('SIGTERM');
  await heir.result();

  expect(halfway?.state).toBe('importing');
  expect(halfway?.rows).toBeLessThan(ROWS);
  expect(verified).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining(`${ROWS.toLocaleString('en-US')} rows`),
  });
  expect(JSON.parse(shown.stdout).runs).toMatchObject([{ state: 'running', batchId: id }]);
});
