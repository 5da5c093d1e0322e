import { expect, it } from 'vitest';
import type { Batch } from '../../../src/lib/core/batch/batch.ts';
import { BatchCopier } from '../../../src/lib/database/copy-batches.ts';
import { RedisBatchOverview } from '../../../src/lib/store/redis/redis-batch-overview.ts';
import {
  draft,
  failed,
  NOW_MS,
  ref,
  SHAPE,
  withBatch,
} from '../../contract/batch-store/examples.ts';
import { SteeringBench } from '../store/steering-bench.ts';

/** Batches without rows end when their import does; others of them stay open. */
class Batches {
  readonly bench = new SteeringBench();
  reads = 0;
  readonly copier: BatchCopier;
  /** Ids of each look. */
  readonly #written: string[] = [];

  constructor() {
    const { bench } = this;
    const readBatch = (id: string): Promise<Batch | null> => {
      this.reads += 1;
      return bench.store.readBatch(id);
    };
    const overview = new RedisBatchOverview(bench.redis, bench.keys, { readBatch });
    this.copier = new BatchCopier({ overview, store: { readBatch } });
  }

  async add(nth: number, isOpen = false): Promise<void> {
    const id = `batch-${nth}`;
    const { store } = this.bench;
    await store.openBatch(draft({ ...ref(id), identity: id }), NOW_MS + nth);
    if (isOpen) return;
    await store.changeState(ref(id), 'cancel', null, NOW_MS);
    await store.changeState(ref(id), 'all_rows_ended', null, NOW_MS);
  }

  /** What a look has stored. */
  async look(isTaken = true): Promise<string[]> {
    this.reads = 0;
    this.#written.length = 0;
    await this.copier.copyChanged(async (batches) => {
      if (isTaken) this.#written.push(...batches.map(({ id }) => id));
      return isTaken;
    });
    return [...this.#written];
  }
}

/** The newest batches of the list are read together. */
const PAGE = 100;

it('a look reads one page of the list and the open batches, however many have ended', async () => {
  const batches = new Batches();
  const numbers = Array.from({ length: 150 }, (_, index) => index + 1);
  await Promise.all(numbers.map((nth) => batches.add(nth, nth === 7)));
  expect(await batches.look()).toHaveLength(numbers.length);

  expect(await batches.look()).toEqual([]);
  expect(batches.reads).toBe(PAGE + 1);
});

it('a look stores open batches that have changed, and new ones', async () => {
  const batches = new Batches();
  for (let nth = 1; nth <= 3; nth += 1) await batches.add(nth, nth === 1);
  await batches.look();
  await batches.bench.store.finishImport(ref('batch-1'), SHAPE, NOW_MS);
  await batches.add(4);

  expect(await batches.look()).toEqual(['batch-1', 'batch-4']);
  expect(await batches.look()).toEqual([]);
});

it('an ended batch is followed again once rows of it were stored that wait', async () => {
  const batches = new Batches();
  const { bench } = batches;
  await withBatch(bench.store, 1);
  await bench.end(1, failed('5001'));
  await batches.look();
  const outcomes = await bench.store.readOutcomes('batch-1', 0);
  await bench.steering.reopenRows(ref('batch-1'), 0, outcomes);
  expect(await batches.look()).toEqual([]);

  batches.copier.noteStored([await bench.batch('batch-1')]);
  await bench.store.changeState(ref('batch-1'), 'reopen', null, NOW_MS);

  expect(await batches.look()).toEqual(['batch-1']);
});

it('all batches are looked at again when another process has written', async () => {
  const batches = new Batches();
  for (let nth = 1; nth <= 3; nth += 1) await batches.add(nth);
  expect(await batches.look(false)).toEqual([]);
  expect(await batches.look()).toHaveLength(3);
});
