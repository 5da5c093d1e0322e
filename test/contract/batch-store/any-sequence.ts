import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { PendingState } from '../../../src/lib/core/row/row.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../../../src/lib/core/row/row.ts';
import type { BatchStore, RowView } from '../../../src/lib/store/batch-store.ts';
import {
  countsOf,
  draft,
  manifestRow,
  NOW_MS,
  type OpenBatchStores,
  outcome,
  progress,
  ref,
  SHAPE,
  SOURCE,
  viewOf,
} from './examples.ts';

const ROWS = 8;

const row = fc.integer({ min: 1, max: ROWS });
const state = fc.constantFrom(...PENDING_STATES);

/** One action of a worker. It uses the worker's latest view of a row, which may be outdated. */
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('look' as const), row }),
    fc.record({ kind: fc.constant('dispatch' as const), row, state }),
    fc.record({ kind: fc.constant('swap' as const), row, state, isHandedBack: fc.boolean() }),
    fc.record({
      kind: fc.constant('record' as const),
      row,
      status: fc.constantFrom(...OUTCOME_STATUSES),
    }),
    fc.record({
      kind: fc.constant('change' as const),
      event: fc.constantFrom('pause' as const, 'resume' as const, 'cancel' as const),
    }),
  ),
  { maxLength: 40 },
);

type Step = typeof steps extends fc.Arbitrary<(infer S)[]> ? S : never;

/** Rows by state, each read by itself. */
async function recount(store: BatchStore, batchId: string): Promise<object> {
  const counts: Record<string, number> = {};
  const outcomes = await store.readOutcomes(batchId, 0);
  for (let number = 1; number <= ROWS; number += 1) {
    const view = await viewOf(store, batchId, number);
    const ended = outcomes.get(number)?.status;
    expect(view.hasOutcome).toBe(ended !== undefined);
    const where = ended ?? view.progress?.state ?? 'waiting';
    counts[where] = (counts[where] ?? 0) + 1;
  }
  return counts;
}

class Workers {
  readonly #store: BatchStore;
  readonly #batchId: string;
  readonly #looks = new Map<number, RowView>();
  #writes = 0;

  constructor(store: BatchStore, batchId: string) {
    this.#store = store;
    this.#batchId = batchId;
  }

  async do(step: Step): Promise<unknown> {
    const [store, id] = [this.#store, this.#batchId];
    switch (step.kind) {
      case 'look':
        return this.#looks.set(step.row, await viewOf(store, id, step.row));
      case 'dispatch':
        return await store.markDispatched(
          ref(id),
          [{ row: step.row, state: step.state }],
          step.row,
          0,
        );
      case 'swap':
        return await this.#swap(step.row, step.state, step.isHandedBack);
      case 'record':
        return await store.recordOutcome(
          ref(id),
          step.row,
          this.#versionOf(step.row),
          outcome({ status: step.status }),
          SOURCE,
        );
      case 'change':
        return await store.changeState(ref(id), step.event, null, NOW_MS);
    }
  }

  async #swap(number: number, next: PendingState, isHandedBack: boolean): Promise<void> {
    this.#writes += 1;
    const written = progress(isHandedBack ? 'waiting' : next, `write-${this.#writes}`);
    const version = this.#versionOf(number);
    await this.#store.swapProgress(ref(this.#batchId), number, version, written, { isHandedBack });
  }

  #versionOf(number: number): string {
    return this.#looks.get(number)?.version ?? '';
  }
}

export function describeAnySequence(open: OpenBatchStores): void {
  it('whatever workers do in whatever order, the counters equal the rows', async () => {
    const [store] = await open(1);
    if (store === undefined) throw new Error('no store');
    let batches = 0;
    const property = fc.asyncProperty(steps, async (all) => {
      batches += 1;
      const id = `batch-${batches}`;
      await store.openBatch(draft({ id, identity: id }), NOW_MS);
      const rows = Array.from({ length: ROWS }, (_, i) => manifestRow(i + 1));
      await store.appendChunk(ref(id), { index: 0, rows, outcomes: new Map(), sharedUrls: [] });
      await store.finishImport(ref(id), SHAPE, NOW_MS);
      const workers = new Workers(store, id);
      for (const step of all) {
        await workers.do(step);
        expect(await countsOf(store, id)).toEqual(await recount(store, id));
      }
    });
    await fc.assert(property, { numRuns: 25 });
  });
}
