import { Redis } from 'ioredis';
import { pino } from 'pino';
import { it as base, expect } from 'vitest';
import { endCancelledRows } from '../../../src/lib/batch/end-cancelled-rows.ts';
import { repairBatch } from '../../../src/lib/batch/repair-batch.ts';
import { verifyBatch } from '../../../src/lib/batch/verify-batch.ts';
import { verifyJobs } from '../../../src/lib/batch/verify-jobs.ts';
import { formatRef } from '../../../src/lib/core/batch/batch.ts';
import type { Source } from '../../../src/lib/core/manifest/source.ts';
import type { Outcome } from '../../../src/lib/core/row/outcome.ts';
import { NO_MARK } from '../../../src/lib/core/row/row-mark.ts';
import { newRowProgress } from '../../../src/lib/core/row/row-progress.ts';
import { rowJobOf } from '../../../src/lib/queue/jobs.ts';
import { Queues } from '../../../src/lib/queue/queues.ts';
import { createKeys, type Keys } from '../../../src/lib/store/keys.ts';
import { RedisKeyIndex } from '../../../src/lib/store/redis/indexes/redis-key-index.ts';
import { RedisRowIndex } from '../../../src/lib/store/redis/indexes/redis-row-index.ts';
import { RedisBatchOverview } from '../../../src/lib/store/redis/redis-batch-overview.ts';
import { RedisBatchRepair } from '../../../src/lib/store/redis/redis-batch-repair.ts';
import { RedisBatchSteering } from '../../../src/lib/store/redis/redis-batch-steering.ts';
import { RedisBatchStore } from '../../../src/lib/store/redis/redis-batch-store.ts';
import { importBatch } from '../../../src/producer/import-batch.ts';
import { Sweep } from '../../../src/worker/upkeep/sweep.ts';
import { IMPORT_OPTIONS } from '../../setup/examples/import-options.ts';
import { removeKeys, testRedisUrl, uniquePrefix } from '../../setup/redis/redis.ts';
import { withManifest } from '../producer/producer-test.ts';

const ROWS = 1_200;
const MANIFEST = [
  'video_id,task_id',
  ...Array.from(
    { length: ROWS - 2 },
    (_, row) => `${784_000_000_000_000_000n + BigInt(row)},784912345678905681`,
  ),
  'nonsense,784912345678905681',
  '784000000000000000,784912345678905681',
].join('\n');
/** The source of a row of `MANIFEST`. */
const sourceOf = (row: number): Source => ({
  kind: 'kling',
  videoId: String(784_000_000_000_000_000n + BigInt(row - 1)),
  taskId: '784912345678905681',
});
const signal = new AbortController().signal;

/** A batch that has lost something, and the workers that repair it. */
class Patient {
  readonly redis = new Redis(testRedisUrl());
  readonly prefix = uniquePrefix();
  readonly keys: Keys = createKeys(this.prefix);
  readonly store = new RedisBatchStore(this.redis, this.keys);
  readonly repair = new RedisBatchRepair(this.redis, this.keys);
  readonly overview = new RedisBatchOverview(this.redis, this.keys, this.store);
  readonly queues = new Queues(this.redis, this.keys);
  readonly now = (): number => Date.UTC(2026, 4, 31);
  isMine = true;
  readonly sweeper = new Sweep({
    ...this.stores(),
    isLeader: () => Promise.resolve(this.isMine),
    log: pino({ level: 'silent' }),
  });

  stores() {
    const { store, repair, overview, queues } = this;
    return { store, repair, overview, queues };
  }

  async import(): Promise<string> {
    const steering = new RedisBatchSteering(this.redis, this.keys);
    const keyIndex = new RedisKeyIndex(this.redis, this.keys);
    const context = { ...this.stores(), steering, keyIndex, now: this.now, signal };
    const result = await withManifest(MANIFEST, (manifest) =>
      importBatch(context, manifest, IMPORT_OPTIONS),
    );
    if (result.kind !== 'imported') throw new Error(result.kind);
    return result.batch.id;
  }

  async batch(id: string) {
    const batch = await this.store.readBatch(id);
    if (batch === null) throw new Error(`no batch ${id}`);
    return batch;
  }

  async end(id: string, row: number): Promise<void> {
    const session = { id: `session ${row}`, expiresAtMs: this.now() };
    const finishedAtMs = this.now();
    const outcome: Outcome = {
      status: 'succeeded',
      finishedAtMs,
      attempts: 1,
      warnings: [],
      session,
    };
    await this.store.recordOutcome(await this.batch(id), row, '', outcome, sourceOf(row));
  }

  async problems(id: string): Promise<string[]> {
    const batch = await this.batch(id);
    const { problems } = await verifyBatch(this.store, batch);
    return [...problems, ...(await verifyJobs(this, batch))];
  }

  async mend(id: string): Promise<void> {
    await repairBatch({ ...this.stores(), now: this.now }, id);
  }
}

const it = base.extend<{ patient: Patient }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of fixtures from the pattern
  patient: async ({}, use) => {
    const patient = new Patient();
    await use(patient);
    await patient.queues[Symbol.asyncDispose]();
    patient.redis.disconnect();
    await removeKeys(patient.prefix);
  },
});

it('a repair reports nothing about a complete batch', async ({ patient }) => {
  const id = await patient.import();
  await patient.end(id, 1);
  expect(await patient.problems(id)).toEqual([]);
});

it('a repair queues a row that is under way and in no queue', async ({ patient }) => {
  const id = await patient.import();
  await patient.store.markDispatched(await patient.batch(id), [{ row: 1, state: 'ready' }], 1, 0);
  expect(await patient.problems(id)).toEqual(['Row 1 is ready but in no queue.']);
  await patient.mend(id);
  expect(await patient.problems(id)).toEqual([]);
  expect(await patient.queues.countJobs('init-selection')).toMatchObject({ wait: 1 });
});

it('a repair dispatches a running batch that has no dispatch job', async ({ patient }) => {
  const id = await patient.import();
  await patient.redis.unlink(`${patient.prefix}:dispatch:${formatRef(await patient.batch(id))}-d0`);
  expect(await patient.problems(id)).toEqual(['The batch is running but not being dispatched.']);
  await patient.mend(id);
  expect(await patient.problems(id)).toEqual([]);
});

it('a repair dispatches a row again that was dispatched and then lost', async ({ patient }) => {
  const id = await patient.import();
  await patient.store.markDispatched(await patient.batch(id), [{ row: 7, state: 'ready' }], 9, 0);
  await patient.redis.hdel(patient.keys.underWay(id), '7');
  expect(await patient.problems(id)).toContain('Row 7 was dispatched and then lost.');
  await patient.mend(id);
  expect((await patient.store.readDispatch(id))?.cursor).toBe(1);
  expect(await patient.problems(id)).toEqual([]);
});

it('a repair finds a job whose row has ended', async ({ patient }) => {
  const id = await patient.import();
  await patient.end(id, 3);
  await patient.queues.addRows('probe', [rowJobOf(await patient.batch(id), 3, sourceOf(3))]);
  expect(await patient.problems(id)).toEqual(['Row 3 is in a queue but has nothing left to do.']);
});

it('a repair corrects wrong counters', async ({ patient }) => {
  const id = await patient.import();
  await patient.redis.hincrby(patient.keys.batch(id), 'n:waiting', 5);
  expect(await patient.problems(id)).toHaveLength(1);
  await patient.mend(id);
  expect(await patient.problems(id)).toEqual([]);
});

it('a repair sets no counters while rows move, whatever their sum', async ({ patient }) => {
  const id = await patient.import();
  const swap = async (row: number, state: 'ready' | 'opening'): Promise<void> => {
    const { version } = (await patient.store.readRow(await patient.batch(id), row)) ?? {
      version: '',
    };
    const next = { ...newRowProgress(state), writer: `${row} ${state}` };
    await patient.store.swapProgress(await patient.batch(id), row, version, next);
  };
  await swap(1, 'ready');
  await swap(501, 'opening');
  const { counts } = await patient.batch(id);
  const store = new (class extends RedisBatchStore {
    moved = false;
    override async readOutcomes(batchId: string, chunk: number): Promise<Map<number, Outcome>> {
      if (chunk === 1 && !this.moved) {
        this.moved = true;
        await Promise.all([swap(1, 'opening'), swap(501, 'ready')]);
      }
      return await super.readOutcomes(batchId, chunk);
    }
  })(patient.redis, patient.keys);
  expect(await repairBatch({ ...patient.stores(), store, now: patient.now }, id)).toBe(true);
  expect((await patient.batch(id)).counts).toEqual(counts);
  expect(await patient.problems(id)).toEqual([]);
});

it('a repair counts the sessions that may exist, and notices if their counter is wrong', async ({
  patient,
}) => {
  const id = await patient.import();
  await patient.store.recordOutcome(
    await patient.batch(id),
    1,
    '',
    { status: 'unconfirmed', finishedAtMs: 1, attempts: 3, warnings: [], possibleOrphans: 3 },
    null,
  );
  await patient.redis.hset(patient.keys.batch(id), 'orphans', 1);
  expect(await patient.problems(id)).toEqual([
    'The counter of possible sessions says 1, the rows say 3.',
  ]);
  await patient.mend(id);
  expect(await patient.batch(id)).toMatchObject({ possibleOrphans: 3 });
});

it('a repair counts rows that were cancelled together as ended, and finishes what was interrupted', async ({
  patient,
}) => {
  const id = await patient.import();
  const steering = new RedisBatchSteering(patient.redis, patient.keys);
  const called = { ...newRowProgress('waiting'), attempts: 1, lostCalls: 1 };
  await patient.store.swapProgress(await patient.batch(id), 2, '', called, { isHandedBack: true });
  await steering.cancel(await patient.batch(id), null, patient.now());
  expect(await patient.repair.countEnded(id, 3)).toBe(ROWS - 1);
  expect(await patient.problems(id)).toEqual(['Row 2 is waiting but in no queue.']);
  await patient.mend(id);
  expect(await patient.problems(id)).toEqual([]);
  await endCancelledRows(patient.store, await patient.batch(id), patient.now());
  expect(await patient.batch(id)).toMatchObject({ state: 'cancelled', possibleOrphans: 1 });
  await patient.mend(id);
  expect(await patient.batch(id)).toMatchObject({ state: 'cancelled', possibleOrphans: 1 });
});

it('a repair queues rows again whose outcomes were lost', async ({ patient }) => {
  const id = await patient.import();
  for (let row = 1; row <= ROWS; row += 1) await patient.end(id, row);
  expect((await patient.batch(id)).state).toBe('completed');
  await patient.redis.unlink(patient.keys.outcomes(id, 1));
  expect(await patient.problems(id)).not.toEqual([]);
  await patient.mend(id);
  const { state, counts } = await patient.batch(id);
  expect([state, counts.waiting, counts.succeeded]).toEqual(['running', 500, 698]);
  const marks = await new RedisRowIndex(patient.redis, patient.keys).readMarks(id, 1, ROWS);
  expect(marks?.filter((mark) => mark === NO_MARK)).toHaveLength(500);
  expect(await patient.problems(id)).toEqual([]);
});

it('a repair restores lost rows from the same manifest', async ({ patient }) => {
  const id = await patient.import();
  await patient.end(id, 1);
  const counts = { ...(await patient.batch(id)).counts };
  await patient.redis.unlink(
    ...[1, 2].flatMap((chunk) => [patient.keys.chunk(id, chunk), patient.keys.outcomes(id, chunk)]),
  );
  expect(await patient.problems(id)).toContain('Rows 501 to 1000: 0 of 500 are in the store.');
  expect(await patient.import()).toBe(id);
  expect(await patient.problems(id)).toEqual([]);
  expect((await patient.batch(id)).counts).toEqual(counts);
});

it.for([
  ['alone', (_keys: Keys) => []],
  ['and what it was made from', ({ identities, batches }: Keys) => [identities, batches]],
] as const)(
  'a repair keeps outcomes that survived when the batch itself was lost, %s',
  async ([, others], { patient }) => {
    const id = await patient.import();
    await patient.end(id, 1);
    await patient.redis.unlink(patient.keys.batch(id), ...others(patient.keys));
    expect(await patient.import()).toBe(id);
    expect((await patient.batch(id)).counts).toMatchObject({ succeeded: 1, waiting: ROWS - 3 });
    expect(await patient.problems(id)).toEqual([]);
  },
);

it("a repair happens by a worker's sweep at the second look, and not at the first", async ({
  patient,
}) => {
  const id = await patient.import();
  await patient.store.markDispatched(await patient.batch(id), [{ row: 1, state: 'ready' }], 1, 0);
  await patient.redis.unlink(`${patient.prefix}:dispatch:${id}-d0`);
  await patient.sweeper.sweep();
  expect(await patient.queues.countJobs('init-selection')).toMatchObject({ wait: 0 });
  await patient.sweeper.sweep();
  expect(await patient.queues.countJobs('init-selection')).toMatchObject({ wait: 1 });
  expect(await patient.problems(id)).toEqual([]);
});

it('a repair does not happen if the batch moved between two looks of a sweep', async ({
  patient,
}) => {
  const id = await patient.import();
  await patient.store.markDispatched(await patient.batch(id), [{ row: 1, state: 'ready' }], 1, 0);
  await patient.sweeper.sweep();
  const version = (await patient.store.readRow(await patient.batch(id), 1))?.version ?? '';
  const moved = { ...newRowProgress('opening'), isCalling: true, writer: 'somebody' };
  await patient.store.swapProgress(await patient.batch(id), 1, version, moved);
  await patient.sweeper.sweep();
  expect(await patient.queues.countJobs('init-selection')).toMatchObject({ wait: 0 });
});

it('a repair is done by another worker if this one does not sweep', async ({ patient }) => {
  const id = await patient.import();
  await patient.store.markDispatched(await patient.batch(id), [{ row: 1, state: 'ready' }], 1, 0);
  patient.isMine = false;
  await patient.sweeper.sweep();
  await patient.sweeper.sweep();
  expect(await patient.queues.countJobs('init-selection')).toMatchObject({ wait: 0 });
});

it('a repair marks the rows of a batch from an earlier version', async ({ patient }) => {
  const id = await patient.import();
  await patient.end(id, 700);
  const marks = new RedisRowIndex(patient.redis, patient.keys);
  const right = await marks.readMarks(id, 1, ROWS);
  await patient.redis.unlink(patient.keys.marks(id));
  await patient.redis.hdel(patient.keys.batch(id), 'isMarked');
  expect(await marks.readMarks(id, 1, ROWS)).toBe(null);
  await patient.mend(id);
  expect(await marks.readMarks(id, 1, ROWS)).toEqual(right);
  expect(right?.filter((mark) => mark !== NO_MARK)).toHaveLength(3);
});
