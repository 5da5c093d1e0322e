import { describe, expect, it, test } from 'vitest';
import type { BatchRef } from '../../../src/lib/core/batch/batch.ts';
import type { BatchStore } from '../../../src/lib/store/batch-store.ts';
import {
  chunk,
  countsOf,
  draft,
  failed,
  NOW_MS,
  type OpenBatchStores,
  openStore,
  outcome,
  progress,
  ref,
  SHAPE,
  SOURCE,
  withBatch,
} from './examples.ts';

/** The batch before it was removed and another one was imported with its id. */
const REMOVED: BatchRef = { id: 'batch-1', incarnation: 'removed' };

const WRITES: [string, (store: BatchStore, batch: BatchRef) => Promise<unknown>][] = [
  [
    'a swap of progress',
    (store, batch) => store.swapProgress(batch, 1, '', progress('ready', 'x')),
  ],
  ['an outcome', (store, batch) => store.recordOutcome(batch, 1, '', outcome(), SOURCE)],
  ['a failure', (store, batch) => store.recordOutcome(batch, 1, '', failed('1301'), SOURCE)],
  [
    'a note of dispatch',
    (store, batch) => store.markDispatched(batch, [{ row: 1, state: 'probing' }], 1, 0),
  ],
  ['a pause', (store, batch) => store.changeState(batch, 'pause', 'lunch', NOW_MS)],
  ['a resumption', (store, batch) => store.changeState(batch, 'resume', null, NOW_MS)],
  ['a chunk', (store, batch) => store.appendChunk(batch, chunk(0, 9))],
  ['the end of an import', (store, batch) => store.finishImport(batch, SHAPE, NOW_MS)],
];

async function pictureOf(store: BatchStore): Promise<unknown> {
  return {
    dispatch: await store.readDispatch('batch-1'),
    row: await store.readRow(ref('batch-1'), 1),
    outcomes: await store.readOutcomes('batch-1', 0),
    errors: await store.readErrors('batch-1', 9),
  };
}

export function describeIncarnations(open: OpenBatchStores): void {
  describe('work for a removed batch', () => {
    test.each(WRITES)(
      'work for a removed batch changes nothing in the batch that has its id now: %s',
      async (_, write) => {
        const store = await openStore(open);
        await withBatch(store, 2);
        const before = await pictureOf(store);
        await write(store, REMOVED);
        expect(await pictureOf(store)).toEqual(before);
      },
    );

    test.each(WRITES)(
      'work for a removed batch leaves nothing behind if no batch has its id: %s',
      async (_, write) => {
        const store = await openStore(open);
        await write(store, REMOVED);
        await withBatch(store, 2);
        expect(await countsOf(store, 'batch-1')).toEqual({ waiting: 2 });
        expect(await store.readRow(ref('batch-1'), 1)).toMatchObject({ version: '' });
      },
    );

    it('work for a removed batch finds no row, however similar the batch that has its id now', async () => {
      const store = await openStore(open);
      await withBatch(store, 1);
      expect(await store.readRow(ref('batch-1'), 1)).not.toBeNull();
      expect(await store.readRow(REMOVED, 1)).toBeNull();
    });

    it('work for a removed batch notices that its batch is gone', async () => {
      const store = await openStore(open);
      await withBatch(store, 1);
      expect(await store.swapProgress(REMOVED, 1, '', progress('ready', 'x'))).toEqual({
        kind: 'gone',
      });
      expect(await store.recordOutcome(REMOVED, 1, '', outcome(), SOURCE)).toEqual({
        kind: 'gone',
      });
      expect(await store.appendChunk(REMOVED, chunk(0, 1))).toBe(false);
    });
  });

  it("an import that finds its batch gets that batch's incarnation", async () => {
    const store = await openStore(open);
    await store.openBatch(draft(), NOW_MS);
    const found = await store.openBatch(draft({ incarnation: 'second' }), NOW_MS);
    expect(found).toEqual({ kind: 'found', batch: ref('batch-1') });
  });
}
