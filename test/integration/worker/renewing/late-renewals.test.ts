import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { Notice } from '../../../../src/lib/notice/notice.ts';
import { RedisBatchWatch } from '../../../../src/lib/store/redis/redis-batch-watch.ts';
import type { ImportOptions } from '../../../../src/producer/import-options.ts';
import { LateRenewals } from '../../../../src/worker/upkeep/watch-renewals.ts';
import { isCompleted, Workshop } from '../../steering/workshop.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const keptFor = (days: number): Partial<ImportOptions> => ({
  keepAlive: { untilMs: Date.now() + days * 24 * HOUR_MS, zone: 'UTC' },
});

/** The notices that looks at these moments send. */
async function noticesAt(workshop: Workshop, ...momentsMs: number[]): Promise<Notice[]> {
  const { store, overview, redis, keys, context } = workshop;
  const sent: Notice[] = [];
  let nowMs = 0;
  const late = new LateRenewals({
    store,
    overview,
    gateStore: context.gateStore,
    watch: new RedisBatchWatch(redis, keys, store),
    notices: { send: async (notice) => void sent.push(notice) },
    now: () => nowMs,
    log: pino({ enabled: false }),
  });
  for (const moment of momentsMs) {
    nowMs = moment;
    await late.look();
  }
  return sent;
}

it('the log says once a day that sessions expire which are to be kept alive, and why', async () => {
  const workshop = await Workshop.open();
  await using _worker = await workshop.startWorker();
  await workshop.import('limited', 3, { ...keptFor(3), maxSessions: 3 });
  await workshop.import('short', 2, keptFor(0.5));
  await workshop.import('others', 2);
  for (const id of ['limited', 'short', 'others']) await workshop.until(id, isCompleted);
  const endMs = Date.now() + 24 * HOUR_MS;

  expect(await noticesAt(workshop, endMs - HOUR_MS)).toEqual([]);
  const notices = await noticesAt(workshop, endMs - 4 * MINUTE_MS, endMs - 4 * MINUTE_MS);
  expect(notices).toMatchObject([
    {
      kind: 'sessions_expire',
      batch: { id: 'limited' },
      sessions: 3,
      reason: expect.stringContaining('The 3 sessions that --max-sessions allows are used'),
    },
  ]);
});
