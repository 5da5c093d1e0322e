import { describe, expect, it, test } from 'vitest';
import {
  BATCH_STATES,
  type BatchEvent,
  type BatchState,
  nextBatchState,
} from '../../../src/lib/core/batch/batch.ts';
import type { BatchStore } from '../../../src/lib/store/batch-store.ts';
import {
  chunk,
  draft,
  failed,
  NOW_MS,
  type OpenBatchStores,
  openStore,
  outcome,
  ref,
  SOURCE,
  withBatch,
} from './examples.ts';

const EVENTS: BatchEvent[] = ['imported', 'pause', 'resume', 'cancel'];

/** Brings a batch of one row into a state in the usual way. */
const PATHS: Record<BatchState, (store: BatchStore) => Promise<unknown>> = {
  importing: async (store) => {
    await store.openBatch(draft(), NOW_MS);
    await store.appendChunk(ref('batch-1'), chunk(0, 1));
  },
  running: (store) => withBatch(store, 1),
  paused: async (store) => {
    await withBatch(store, 1);
    await store.changeState(ref('batch-1'), 'pause', 'lunch', NOW_MS);
  },
  completed: async (store) => {
    await withBatch(store, 1);
    await store.recordOutcome(ref('batch-1'), 1, '', outcome(), SOURCE);
  },
  cancelling: async (store) => {
    await withBatch(store, 1);
    await store.changeState(ref('batch-1'), 'cancel', null, NOW_MS);
  },
  cancelled: async (store) => {
    await withBatch(store, 1);
    await store.changeState(ref('batch-1'), 'cancel', null, NOW_MS);
    await store.recordOutcome(ref('batch-1'), 1, '', outcome({ status: 'cancelled' }), SOURCE);
  },
};

export function describeStates(open: OpenBatchStores): void {
  describe('state of a batch', () => {
    const table = BATCH_STATES.flatMap((state) =>
      EVENTS.map((event) => [state, event, nextBatchState(state, event)] as const),
    );
    test.each(table)('a batch that is %s becomes, by %s, %s', async (state, event, next) => {
      const store = await openStore(open);
      await PATHS[state](store);
      expect(await store.readBatch('batch-1')).toMatchObject({ state });
      expect(await store.changeState(ref('batch-1'), event, null, NOW_MS)).toBe(next);
      expect(await store.readBatch('batch-1')).toMatchObject({ state: next ?? state });
    });

    it('the state of a batch keeps its reason until it changes again', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 1);
      await store.changeState(ref(id), 'pause', 'too many rows failed', NOW_MS);
      expect(await store.readBatch(id)).toMatchObject({ stateReason: 'too many rows failed' });
      await store.changeState(ref(id), 'pause', 'another reason', NOW_MS);
      expect(await store.readBatch(id)).toMatchObject({ stateReason: 'too many rows failed' });
      await store.changeState(ref(id), 'resume', null, NOW_MS);
      expect(await store.readBatch(id)).toMatchObject({ stateReason: null });
    });

    it('the state of an ended batch is not kept while a row waits', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 1);
      expect(await store.changeState(ref(id), 'all_rows_ended', null, NOW_MS)).toBeNull();
      expect(await store.readBatch(id)).toMatchObject({ state: 'running', finishedAtMs: null });
    });

    it('the state of a batch changes once, however many ask at the same time', async () => {
      const stores = await open(2);
      const [store] = stores;
      if (store === undefined) throw new Error('no store');
      const id = await withBatch(store, 1);
      const changes = await Promise.all(
        stores.map((one) => one.changeState(ref(id), 'pause', null, NOW_MS)),
      );
      expect(changes).toContain('paused');
      expect(changes).toContain(null);
    });
  });

  describe('last outcome', () => {
    test.each<[state: BatchState, event: BatchEvent | null, next: BatchState]>([
      ['running', null, 'completed'],
      ['paused', 'pause', 'completed'],
      ['cancelling', 'cancel', 'cancelled'],
    ])('the last outcome of a %s batch (after %s) makes it %s', async (state, event, next) => {
      const store = await openStore(open);
      const id = await withBatch(store, 2);
      if (event !== null) await store.changeState(ref(id), event, null, NOW_MS);
      const first = await store.recordOutcome(ref(id), 1, '', outcome(), SOURCE);
      expect(first).toMatchObject({ batchState: state });
      expect(await store.readBatch(id)).toMatchObject({ state, finishedAtMs: null });
      const finishedAtMs = NOW_MS + 99;
      const last = await store.recordOutcome(ref(id), 2, '', outcome({ finishedAtMs }), SOURCE);
      expect(last).toMatchObject({ kind: 'recorded', batchState: next });
      expect(await store.readBatch(id)).toMatchObject({ state: next, finishedAtMs });
    });

    it('the last outcome of an import under way completes nothing before its end', async () => {
      const store = await openStore(open);
      await store.openBatch(draft(), NOW_MS);
      await store.appendChunk(ref('batch-1'), chunk(0, 500, [[1, outcome()]]));
      for (let row = 2; row <= 500; row += 1) {
        await store.recordOutcome(ref('batch-1'), row, '', outcome(), SOURCE);
      }
      expect(await store.readBatch('batch-1')).toMatchObject({
        state: 'importing',
        finishedAtMs: null,
      });
      await store.appendChunk(ref('batch-1'), chunk(1, 501));
      expect(await store.readBatch('batch-1')).toMatchObject({ state: 'importing', rows: 501 });
    });
  });

  it('a batch without a row left is cancelled at once', async () => {
    const store = await openStore(open);
    await store.openBatch(draft(), NOW_MS);
    expect(await store.changeState(ref('batch-1'), 'cancel', null, NOW_MS + 7)).toBe('cancelled');
    expect(await store.readBatch('batch-1')).toMatchObject({ finishedAtMs: NOW_MS + 7 });
  });

  it('a resumption restarts the count of failures', async () => {
    const store = await openStore(open);
    const id = await withBatch(store, 9);
    for (const row of [1, 2, 3]) await store.recordOutcome(ref(id), row, '', failed('x'), SOURCE);
    await store.changeState(ref(id), 'pause', null, NOW_MS);
    await store.changeState(ref(id), 'resume', null, NOW_MS);
    const result = await store.recordOutcome(ref(id), 4, '', failed('x'), SOURCE);
    expect(result).toMatchObject({ failures: { recentEnds: '1', failedRows: 1 } });
    expect(await store.readErrors(id, 1)).toMatchObject([{ code: 'x', count: 4 }]);
  });
}
