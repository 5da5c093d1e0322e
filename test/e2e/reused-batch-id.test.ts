import { describe, expect, vi } from 'vitest';
import type { ApiServer } from '../setup/api-server.ts';
import { klingManifest, test, type Workplace } from './e2e-test.ts';

const OLD = klingManifest(6);
const NEW = klingManifest(6, 1_001);

/** The rows of a batch: how each ended, and whether its session was opened for its own video. */
async function endsOf(place: Workplace, api: ApiServer, id: string): Promise<string[]> {
  await place.cli(['results', id, '--out', 'ends.csv']);
  return (await place.report('ends.csv')).map((row) => {
    const { kling_status = '', kling_session_id = '', video_id } = row;
    if (kling_session_id === '') return kling_status;
    return `${kling_status}, ${api.sourceOf(kling_session_id) === video_id ? 'own' : 'foreign'}`;
  });
}

async function stateOf(place: Workplace, id: string): Promise<string> {
  return JSON.parse((await place.cli(['status', id, '--json'])).stdout).batch.state;
}

/** Suspending a worker, and finding it dead, takes some ten seconds. */
const untilCancelled = (place: Workplace, id: string): Promise<void> =>
  vi.waitFor(async () => expect(await stateOf(place, id)).toBe('cancelled'), {
    timeout: 60_000,
    interval: 500,
  });

const SIX_OWN = Array.from({ length: 6 }, () => 'succeeded, own');

describe.concurrent('a batch id that is used again', () => {
  test('gets nothing from rows that waited for their next attempt', async ({ place }) => {
    let isIll = true;
    await place.redis();
    const api = await place.api({
      fail: () => (isIll ? { status: 500, code: 5000, message: 'ill' } : null),
    });
    await place.write('old.csv', OLD);
    await place.write('new.csv', `${NEW}${NEW.split('\n')[1]}\n`);
    place.start(['worker'], { env: { RETRY_PAUSE: '60s' } });
    await place.cli(['import', 'old.csv', '--batch', 'nightly']);
    await api.waitForCalls(6);

    await place.cli(['cancel', 'nightly']);
    await untilCancelled(place, 'nightly');
    expect((await place.cli(['batches', 'rm', 'nightly'])).exitCode).toBe(0);
    isIll = false;
    await place.cli(['import', 'new.csv', '--batch', 'nightly', '--wait']);

    expect(await endsOf(place, api, 'nightly')).toEqual([...SIX_OWN, 'duplicate, own']);
    expect((await place.cli(['verify', 'nightly'])).exitCode).toBe(0);
  });

  test('gives no session to videos of the batch that had it before', async ({ place }) => {
    await place.redis();
    const api = await place.api();
    await place.write('a.csv', OLD);
    await place.write('b.csv', NEW);
    await place.write('a-again.csv', OLD.replaceAll('row ', 'again '));
    await place.write('b-again.csv', NEW.replaceAll('row ', 'again '));
    await place.cli(['run', 'a.csv', '--batch', 'nightly']);
    await place.cli(['batches', 'rm', 'nightly']);
    await place.cli(['run', 'b.csv', '--batch', 'nightly']);

    await place.cli(['run', 'a-again.csv', '--batch', 'third', '--reuse']);
    await place.cli(['run', 'b-again.csv', '--batch', 'fourth', '--reuse']);

    expect(await endsOf(place, api, 'third')).toEqual(SIX_OWN);
    const reused = Array.from({ length: 6 }, () => 'reused, own');
    expect(await endsOf(place, api, 'fourth')).toEqual(reused);
  });

  test('gets nothing from a worker that was suspended in the middle of a call', async ({
    place,
  }) => {
    await place.redis();
    const api = await place.api({ delayMs: 1_000 });
    await place.write('old.csv', klingManifest(1));
    await place.write('new.csv', klingManifest(1, 1_001));
    const suspended = place.start(['worker']);
    await place.cli(['import', 'old.csv', '--batch', 'nightly']);
    await api.waitForCalls(1);
    suspended.kill('SIGSTOP');
    const other = place.start(['worker']);
    await place.cli(['cancel', 'nightly']);
    await untilCancelled(place, 'nightly');
    other.kill('SIGTERM');
    await other.result();
    await place.cli(['batches', 'rm', 'nightly']);
    await place.cli(['import', 'new.csv', '--batch', 'nightly']);

    suspended.kill('SIGCONT');

    await place.cli(['import', 'new.csv', '--batch', 'nightly', '--wait']);
    expect(await endsOf(place, api, 'nightly')).toEqual(['succeeded, own']);
    expect(suspended.stderrSoFar()).toContain('session opened for a removed batch');
  });
});
