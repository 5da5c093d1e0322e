import { describe, expect, it } from 'vitest';
import {
  countsOf,
  NOW_MS,
  type OpenBatchStores,
  openStore,
  outcome,
  progress,
  ref,
  SOURCE,
  viewOf,
  withBatch,
} from './examples.ts';

export function describeDispatching(open: OpenBatchStores): void {
  describe('dispatching', () => {
    it('dispatching starts at the first row', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 3);
      expect(await store.readDispatch(id)).toEqual({
        batch: await store.readBatch(id),
        cursor: 1,
        reopenings: 0,
        underWay: 0,
        handedBack: 0,
        epoch: 0,
        wasResumed: false,
      });
    });

    it('dispatching counts rows by their state and moves the cursor', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 5);
      await store.markDispatched(
        ref(id),
        [
          { row: 1, state: 'probing' },
          { row: 2, state: 'ready' },
        ],
        3,
        0,
      );
      expect(await countsOf(store, id)).toEqual({ waiting: 3, probing: 1, ready: 1 });
      expect(await store.readDispatch(id)).toMatchObject({ cursor: 4, underWay: 2 });
      const { progress: noted } = await viewOf(store, id, 2);
      expect(noted).toMatchObject({ state: 'ready', attempts: 0, isCalling: false });
    });

    it('twice has the same effect as once', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 5);
      const rows = [{ row: 1, state: 'probing' as const }];
      await store.markDispatched(ref(id), rows, 1, 0);
      await store.markDispatched(ref(id), rows, 1, 0);
      expect(await countsOf(store, id)).toEqual({ waiting: 4, probing: 1 });
      expect(await store.readDispatch(id)).toMatchObject({ cursor: 2, underWay: 1 });
    });

    it('dispatching that comes late does not move the cursor back', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 5);
      await store.markDispatched(ref(id), [], 4, 0);
      await store.markDispatched(ref(id), [{ row: 1, state: 'probing' }], 2, 0);
      expect(await store.readDispatch(id)).toMatchObject({ cursor: 5 });
    });

    it('dispatching does not undo the progress of a faster worker', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 3);
      await store.swapProgress(ref(id), 1, '', progress('opening', 'quick'));
      await store.recordOutcome(ref(id), 2, '', outcome(), SOURCE);
      await store.markDispatched(
        ref(id),
        [1, 2, 3].map((row) => ({ row, state: 'probing' })),
        3,
        0,
      );
      expect(await countsOf(store, id)).toEqual({ opening: 1, succeeded: 1, probing: 1 });
      expect((await viewOf(store, id, 1)).progress).toMatchObject({ writer: 'quick' });
      expect((await viewOf(store, id, 2)).progress).toBeNull();
      expect(await store.readDispatch(id)).toMatchObject({ cursor: 4, underWay: 2 });
    });
  });

  describe('a row that is returned to dispatch', () => {
    it('a row that is returned to dispatch waits to be dispatched again, lowest first', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 20);
      for (const row of [11, 2, 10]) {
        const swap = await store.swapProgress(ref(id), row, '', progress('probing', `a${row}`));
        const version = swap.kind === 'swapped' ? swap.version : '';
        const back = progress('waiting', `b${row}`);
        await store.swapProgress(ref(id), row, version, back, { isHandedBack: true });
      }
      expect(await store.readAgain(id, 10)).toEqual([2, 10, 11]);
      expect(await store.readAgain(id, 2)).toEqual([2, 10]);
      expect(await countsOf(store, id)).toEqual({ waiting: 20 });
      expect(await store.readDispatch(id)).toMatchObject({ underWay: 0, handedBack: 3 });
    });

    it('a row that is returned to dispatch is not dispatched again once a stage has begun it', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 2);
      await store.swapProgress(ref(id), 1, '', progress('waiting', 'a'), { isHandedBack: true });
      const { version } = await viewOf(store, id, 1);
      await store.swapProgress(ref(id), 1, version, progress('opening', 'b'));
      expect(await store.readAgain(id, 10)).toEqual([]);
      expect(await store.readDispatch(id)).toMatchObject({ underWay: 1 });
    });

    it('a row that is returned to dispatch is not dispatched again once it has ended', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 2);
      await store.swapProgress(ref(id), 1, '', progress('waiting', 'a'), { isHandedBack: true });
      const { version } = await viewOf(store, id, 1);
      await store.recordOutcome(ref(id), 1, version, outcome(), SOURCE);
      expect(await store.readAgain(id, 10)).toEqual([]);
      expect(await store.readDispatch(id)).toMatchObject({ underWay: 0, handedBack: 0 });
    });
  });

  it('a resumption starts a new epoch, a pause does not', async () => {
    const store = await openStore(open);
    const id = await withBatch(store, 2);
    await store.changeState(ref(id), 'pause', 'lunch', NOW_MS);
    expect(await store.readDispatch(id)).toMatchObject({ batch: { state: 'paused' }, epoch: 0 });
    await store.changeState(ref(id), 'resume', null, NOW_MS);
    expect(await store.readDispatch(id)).toMatchObject({ batch: { state: 'running' }, epoch: 1 });
    await store.changeState(ref(id), 'resume', null, NOW_MS);
    expect(await store.readDispatch(id)).toMatchObject({ epoch: 1 });
  });
}
