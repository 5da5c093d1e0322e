import { describe, expect, it } from 'vitest';
import type { RowProgress } from '../../../src/lib/core/row/row-progress.ts';
import {
  countsOf,
  draft,
  type OpenBatchStores,
  openStore,
  outcome,
  progress,
  ref,
  SOURCE,
  viewOf,
  withBatch,
} from './examples.ts';

export function describeProgress(open: OpenBatchStores): void {
  describe('row under way', () => {
    it('a row under way has no progress before it is dispatched', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 1);
      expect(await viewOf(store, id, 1)).toEqual({
        batchState: 'running',
        options: draft().options,
        progress: null,
        version: '',
        isDamaged: false,
        hasOutcome: false,
      });
    });

    it('a row under way keeps all its progress', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 1);
      const full: RowProgress = {
        state: 'opening',
        attempts: 1,
        failedAttempts: [
          { atMs: 9, code: '5000', message: 'später', httpStatus: 503, requestId: null },
        ],
        unconfirmed: 2,
        lostCalls: 3,
        lostCallTimes: [5, 6, 7],
        isCalling: true,
        callBeganMs: 8,
        probeStarts: 4,
        readFailures: 5,
        faults: 6,
        firstCallOpenMs: 7,
        writer: 'w',
        video: { durationS: 5.005, fps: 29.97 },
        warnings: ['29.97 fps counts as 30 – “almost”'],
      };
      const swap = await store.swapProgress(ref(id), 1, '', full);
      const view = await viewOf(store, id, 1);
      expect(view.progress).toEqual(full);
      expect(swap).toEqual({ kind: 'swapped', version: view.version });
    });

    it('a row under way is counted in its state, at every step', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 2);
      let version = '';
      for (const state of ['probing', 'ready', 'opening', 'ready', 'waiting'] as const) {
        const swap = await store.swapProgress(ref(id), 1, version, progress(state, `w-${version}`));
        version = swap.kind === 'swapped' ? swap.version : 'lost';
        const expected = state === 'waiting' ? { waiting: 2 } : { waiting: 1, [state]: 1 };
        expect(await countsOf(store, id)).toEqual(expected);
      }
    });

    it('a row under way is changed by one of two workers that read the same progress', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 1);
      const first = await store.swapProgress(ref(id), 1, '', progress('probing', 'a'));
      const second = await store.swapProgress(ref(id), 1, '', progress('opening', 'b'));
      expect([first.kind, second.kind]).toEqual(['swapped', 'changed']);
      expect(await countsOf(store, id)).toEqual({ probing: 1 });
    });

    it('a row under way is changed by one of two that race, on every one of 100 rows', async () => {
      const stores = await open(2);
      const [store] = stores;
      if (store === undefined) throw new Error('no store');
      const id = await withBatch(store, 100);
      const swaps = Array.from({ length: 100 }, (_, i) =>
        stores.map((one, writer) =>
          one.swapProgress(ref(id), i + 1, '', progress('opening', `${writer}-${i}`)),
        ),
      ).flat();
      const kinds = (await Promise.all(swaps)).map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === 'swapped')).toHaveLength(100);
      expect(kinds.filter((kind) => kind === 'changed')).toHaveLength(100);
      expect(await countsOf(store, id)).toEqual({ opening: 100 });
    });

    it('a repeated write to a row under way recognises itself, and counts once', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 1);
      const mine = progress('probing', 'me');
      const first = await store.swapProgress(ref(id), 1, '', mine);
      const again = await store.swapProgress(ref(id), 1, '', mine);
      expect(again).toEqual(first);
      expect(await countsOf(store, id)).toEqual({ probing: 1 });
    });

    it('a row under way cannot change once it has an outcome', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 1);
      const swap = await store.swapProgress(ref(id), 1, '', progress('opening', 'a'));
      const version = swap.kind === 'swapped' ? swap.version : '';
      await store.recordOutcome(ref(id), 1, version, outcome(), SOURCE);
      const late = await store.swapProgress(ref(id), 1, version, progress('ready', 'b'));
      expect(late).toEqual({ kind: 'has_outcome' });
      expect(await viewOf(store, id, 1)).toMatchObject({ hasOutcome: true, progress: null });
      expect(await countsOf(store, id)).toEqual({ succeeded: 1 });
    });

    it('a row under way is read together with others, without rows that have no progress', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 3);
      await store.swapProgress(ref(id), 1, '', progress('probing', 'a'));
      await store.swapProgress(ref(id), 3, '', progress('ready', 'c'));
      const found = await store.readProgressOf(id, [1, 2, 3]);
      expect([...found].map(([row, { writer }]) => [row, writer])).toEqual([
        [1, 'a'],
        [3, 'c'],
      ]);
      expect(await store.readProgressOf(id, [])).toEqual(new Map());
    });
  });
}
