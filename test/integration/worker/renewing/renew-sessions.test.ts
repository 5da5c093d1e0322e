import { pino } from 'pino';
import { expect, it, vi } from 'vitest';
import { RedisBatchWatch } from '../../../../src/lib/store/redis/redis-batch-watch.ts';
import type { ImportOptions } from '../../../../src/producer/import-options.ts';
import { SessionRenewal } from '../../../../src/worker/upkeep/renew-sessions.ts';
import { isCompleted, Workshop } from '../../steering/workshop.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const kept: Partial<ImportOptions> = {
  keepAlive: { untilMs: Date.now() + 3 * DAY_MS, zone: 'UTC' },
};

/** The leader of a workshop whose clock a test moves. */
class Leader {
  readonly workshop: Workshop;
  readonly renewal: SessionRenewal;
  aheadMs = 0;

  constructor(workshop: Workshop) {
    this.workshop = workshop;
    workshop.api.latencyMs = 1;
    const { store, overview, queues, context, redis, keys } = workshop;
    context.now = () => Date.now() + this.aheadMs;
    this.renewal = new SessionRenewal({
      watch: new RedisBatchWatch(redis, keys, store),
      overview,
      store,
      queues,
      gateStore: context.gateStore,
      gatePolicy: context.gatePolicy,
      isLeader: async () => true,
      now: () => context.now(),
      log: pino({ enabled: false }),
    });
  }

  /** Looks until this many calls were made, at most 20 s. */
  async lookUntil(calls: number): Promise<void> {
    await vi.waitFor(
      async () => {
        await this.renewal.look();
        expect(this.workshop.api.calls).toBeGreaterThanOrEqual(calls);
      },
      { timeout: 20_000, interval: 20 },
    );
  }

  /** The calls are recorded a moment later. */
  async untilQuiet(batchId: string): Promise<void> {
    await this.workshop.until(batchId, ({ renewalCalls }) => renewalCalls === 0);
  }
}

const sessionsOf = async (workshop: Workshop, batchId: string, rows: number): Promise<string[]> => {
  const numbers = Array.from({ length: rows }, (_, index) => index + 1);
  const outcomes = await workshop.store.readOutcomesOf(batchId, numbers);
  return [...outcomes.values()].map(({ session }) => session?.id ?? '');
};

it('each session is renewed once, shortly before it expires, and again a day later', async () => {
  const leader = new Leader(await Workshop.open());
  const { workshop } = leader;
  await using _worker = await workshop.startWorker();
  await workshop.import('kept', 40, kept);
  await workshop.import('others', 5);
  await workshop.until('kept', isCompleted);
  await workshop.until('others', isCompleted);
  const first = await sessionsOf(workshop, 'kept', 40);

  leader.aheadMs = 22.9 * HOUR_MS;
  await leader.renewal.look();
  expect(await workshop.queues.countJobs('init-selection')).toMatchObject({ wait: 0, active: 0 });

  leader.aheadMs = 23.6 * HOUR_MS;
  await leader.lookUntil(45 + 40);
  await leader.untilQuiet('kept');
  const second = await sessionsOf(workshop, 'kept', 40);
  expect(new Set([...first, ...second]).size).toBe(80);
  await leader.renewal.look();
  expect(workshop.api.calls).toBe(85);

  leader.aheadMs = 2 * 23.6 * HOUR_MS;
  await leader.lookUntil(85 + 40);
  await leader.untilQuiet('kept');
  expect(workshop.api.callsFor('kept')).toBe(120);
  expect(workshop.api.callsFor('others')).toBe(5);
  expect(await workshop.batch('kept')).toMatchObject({ state: 'completed', usedSessions: 120 });
  const nowMs = workshop.context.now();
  expect(await workshop.overview.readSessions('kept', nowMs)).toMatchObject({ alive: 40 });
  expect(await workshop.problems('kept')).toEqual([]);
});

/** Gives some rows of a batch a session now, in whatever state the others are. */
async function openAll(
  workshop: Workshop,
  batchId: string,
  from: number,
  to: number,
): Promise<void> {
  const batch = await workshop.batch(batchId);
  const rows = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  const finishedAtMs = Date.now();
  await Promise.all(
    rows.map(async (row) => {
      const session = { id: `first-${row}`, expiresAtMs: finishedAtMs + DAY_MS };
      const outcome = {
        status: 'succeeded' as const,
        finishedAtMs,
        attempts: 1,
        warnings: [],
        session,
      };
      await workshop.store.recordOutcome(batch, row, '', outcome, null);
    }),
  );
}

const queued = async ({ queues }: Workshop): Promise<number> =>
  (await queues.countJobs('init-selection')).wait ?? 0;

it('rows that were opened together are renewed over half an hour', async () => {
  const leader = new Leader(await Workshop.open());
  const { workshop } = leader;
  await workshop.import('kept', 60, kept);
  await openAll(workshop, 'kept', 1, 60);
  leader.aheadMs = 23 * HOUR_MS + 900_000;
  await leader.renewal.look();
  expect(await queued(workshop)).toBeGreaterThanOrEqual(28);
  expect(await queued(workshop)).toBeLessThanOrEqual(32);
  leader.aheadMs = 23.5 * HOUR_MS;
  await leader.renewal.look();
  expect(await queued(workshop)).toBe(60);
});

it('renewing queues no more than some seconds of calls, of any chunk of a batch that still runs', async () => {
  const leader = new Leader(await Workshop.open({ concurrency: 5 }));
  const { workshop } = leader;
  await workshop.import('kept', 1_100, kept);
  await openAll(workshop, 'kept', 480, 520);
  leader.aheadMs = 23.6 * HOUR_MS;
  await leader.renewal.look();
  await leader.renewal.look();
  expect(await queued(workshop)).toBe(20);
  expect((await workshop.batch('kept')).state).toBe('running');
});

it('renewing opens no more sessions than the batch may open', async () => {
  const leader = new Leader(await Workshop.open());
  const { workshop } = leader;
  await using _worker = await workshop.startWorker();
  await workshop.import('kept', 10, { ...kept, maxSessions: 14 });
  await workshop.until('kept', isCompleted);
  leader.aheadMs = 23.6 * HOUR_MS;
  await leader.lookUntil(14);
  await leader.untilQuiet('kept');
  await leader.renewal.look();
  expect(workshop.api.calls).toBe(14);
  expect(await workshop.batch('kept')).toMatchObject({ state: 'completed', usedSessions: 14 });
  expect(await sessionsOf(workshop, 'kept', 10)).not.toContain('');
  expect(await workshop.problems('kept')).toEqual([]);
});

it('a call that was lost with its job is found, although sessions are no longer kept alive', async () => {
  const leader = new Leader(await Workshop.open());
  const { workshop } = leader;
  await using _worker = await workshop.startWorker();
  await workshop.import('kept', 3, kept);
  const batch = await workshop.until('kept', isCompleted);
  const { renewals, store } = workshop.context;
  const found = (await store.readOutcomesOf('kept', [2])).get(2);
  if (found === undefined) throw new Error('row 2 has not ended');
  const { progressOfRenewal, withRenewal } = await import(
    '../../../../src/lib/core/renewal/renewal-progress.ts'
  );
  const calling = { ...progressOfRenewal(found), isCalling: true, writer: 'a worker that died' };
  const change = { found, next: withRenewal(found, calling, null) };
  expect(await renewals.note(batch, 2, change)).toEqual({ kind: 'noted' });
  await workshop.steering.setKeepAlive(batch, null);
  await leader.renewal.look();
  await leader.untilQuiet('kept');
  expect(await workshop.batch('kept')).toMatchObject({ possibleOrphans: 1, renewalCalls: 0 });
  expect(workshop.api.calls).toBe(3);
  expect(await workshop.problems('kept')).toEqual([]);
});
