import { expect, it, test } from 'vitest';
import type { BatchRef } from '../../../src/lib/core/batch/batch.ts';
import { RedisBatchRepair } from '../../../src/lib/store/redis/redis-batch-repair.ts';
import { RedisBatchWatch } from '../../../src/lib/store/redis/redis-batch-watch.ts';
import { chunk, draft, failed, outcome, ref, SHAPE } from '../../contract/batch-store/examples.ts';
import { NOW_MS, opened, SteeringBench } from './steering-bench.ts';

/** The batch before it was removed and another one was imported with its id. */
const REMOVED: BatchRef = { id: 'batch-1', incarnation: 'removed' };

class Office extends SteeringBench {
  readonly repair = new RedisBatchRepair(this.redis, this.keys);
  readonly watch = new RedisBatchWatch(this.redis, this.keys, this.store);

  /** A running batch, with one row that failed, one that was probed and two that wait. */
  async import(): Promise<void> {
    await this.store.openBatch(draft(), NOW_MS);
    await this.store.appendChunk(ref('batch-1'), chunk(0, 4, [[1, failed('x')]]));
    await this.store.finishImport(ref('batch-1'), SHAPE, NOW_MS);
    await this.begin(2);
  }

  /** All that Redis holds, byte by byte. */
  async dump(): Promise<Record<string, string>> {
    const keys = await this.keysLeft();
    const read = async (key: string): Promise<string> =>
      (await this.redis.dumpBuffer(`${this.prefix}:${key}`))?.toString('hex') ?? '';
    return Object.fromEntries(await Promise.all(keys.map(async (key) => [key, await read(key)])));
  }
}

const ACTS: [string, (office: Office) => Promise<unknown>][] = [
  ['cancelling', ({ steering }) => steering.cancel(REMOVED, 'wrong file', NOW_MS)],
  ['retrying', ({ steering }) => steering.reopenRows(REMOVED, 0, new Map([[1, failed('x')]]))],
  ['retrying cancelled rows', ({ steering }) => steering.uncancelRows(REMOVED)],
  ['retrying some cancelled rows', ({ steering }) => steering.uncancelChosen(REMOVED, 0, [1])],
  ['reading videos again', ({ steering }) => steering.forgetProbes(REMOVED)],
  ['setting the priority', ({ steering }) => steering.setPriority(REMOVED, 99)],
  ['pausing itself', ({ steering }) => steering.pauseItself(REMOVED, 'failures', NOW_MS)],
  ['pausing outside the window', ({ steering }) => steering.pauseOutsideWindow(REMOVED, 'x', 1)],
  ['resuming inside the window', ({ steering }) => steering.resumeInsideWindow(REMOVED)],
  ['outlasting the window', ({ steering }) => steering.ignoreWindow(REMOVED, 1)],
  ['taking over a pause', ({ steering }) => steering.takeOverPause(REMOVED, 'x')],
  [
    'a line of history',
    ({ steering }) =>
      steering.addHistory(REMOVED, { atMs: 1, who: 'mia', what: 'paused', reason: null }),
  ],
  [
    'removing',
    async (office) => office.steering.remove({ ...(await office.batch()), ...REMOVED }, NOW_MS),
  ],
  ['restoring a chunk', ({ repair }) => repair.restoreChunk(REMOVED, chunk(1, 501))],
  ['marking rows', ({ repair }) => repair.markRows(REMOVED, 0, [3], new Map())],
  [
    'replacing an outcome',
    ({ repair }) => repair.replaceOutcome(REMOVED, 1, failed('x'), outcome()),
  ],
  ['noting a deadline', ({ watch }) => watch.noteRisk(REMOVED, NOW_MS)],
];

test.each(ACTS)('%s does nothing once the batch was replaced', async (_, act) => {
  const office = new Office();
  await office.import();
  const before = await office.dump();
  await act(office);
  expect(await office.dump()).toEqual(before);
});

it('an event of a batch is reported for that incarnation only', async () => {
  const office = new Office();
  await office.import();
  for (const row of [2, 3, 4]) await office.end(row, opened(`s${row}`));
  expect(await office.watch.listPending()).toEqual([
    { batch: ref('batch-1'), what: 'ended', atMs: NOW_MS },
  ]);
});
