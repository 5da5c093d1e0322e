import { describe, expect, it } from 'vitest';
import {
  chunk,
  countsOf,
  draft,
  failed,
  manifestRow,
  NOW_MS,
  type OpenBatchStores,
  openStore,
  outcome,
  ref,
  SHAPE,
  withBatch,
} from './examples.ts';

export function describeImporting(open: OpenBatchStores): void {
  describe('opening a batch', () => {
    it('opening a batch creates it', async () => {
      const store = await openStore(open);
      const opened = await store.openBatch(draft(), NOW_MS);
      expect(opened).toEqual({ kind: 'created', batch: ref('batch-1') });
      expect(await store.readBatch('batch-1')).toMatchObject({
        id: 'batch-1',
        name: 'videos.csv',
        manifestSha256: 'abc',
        shape: SHAPE,
        options: { strictFps: false, maxFailures: { kind: 'off' }, reuse: false, trialRows: null },
        state: 'importing',
        stateReason: null,
        createdAtMs: NOW_MS,
        finishedAtMs: null,
        rows: 0,
        maxCells: 2,
        possibleOrphans: 0,
      });
    });

    it('opening a batch finds a batch by its identity, whatever id is requested', async () => {
      const store = await openStore(open);
      await store.openBatch(draft(), NOW_MS);
      const again = await store.openBatch(draft({ id: 'another' }), NOW_MS + 1);
      expect(again).toEqual({ kind: 'found', batch: ref('batch-1') });
      expect(await store.readBatch('another')).toBeNull();
      expect(await store.readBatch('batch-1')).toMatchObject({ createdAtMs: NOW_MS });
      expect(await store.findIdentical(draft().identity)).toBe('batch-1');
      expect(await store.findIdentical('another')).toBeNull();
    });

    it('opening a batch refuses an id that belongs to another identity', async () => {
      const store = await openStore(open);
      await store.openBatch(draft(), NOW_MS);
      const other = await store.openBatch(draft({ identity: 'other', name: 'x' }), NOW_MS);
      expect(other).toEqual({ kind: 'conflict' });
      expect(await store.readBatch('batch-1')).toMatchObject({ name: 'videos.csv' });
    });

    it('opening a batch creates one batch when two imports race', async () => {
      const stores = await open(2);
      const opened = await Promise.all(
        stores.map((store, i) => store.openBatch(draft({ id: `batch-${i}` }), NOW_MS)),
      );
      expect(opened.map(({ kind }) => kind).sort()).toEqual(['created', 'found']);
      expect(new Set(opened.map((one) => 'batch' in one && one.batch.id)).size).toBe(1);
    });

    it('opening a removed or unknown batch returns nothing', async () => {
      const store = await openStore(open);
      expect(await store.readBatch('none')).toBeNull();
      expect(await store.readDispatch('none')).toBeNull();
      expect(await store.readChunk('none', 0)).toBeNull();
      expect(await store.readRow(ref('none'), 1)).toBeNull();
      expect(await store.changeState(ref('none'), 'cancel', null, NOW_MS)).toBeNull();
    });
  });

  describe('chunks', () => {
    it('chunks are read in order, with unchanged rows', async () => {
      const store = await openStore(open);
      await store.openBatch(draft(), NOW_MS);
      await store.appendChunk(ref('batch-1'), chunk(0, 500));
      await store.appendChunk(ref('batch-1'), chunk(1, 700));
      expect(await countsOf(store, 'batch-1')).toEqual({ waiting: 700 });
      expect(await store.readChunk('batch-1', 0)).toEqual(chunk(0, 500).rows);
      expect(await store.readChunk('batch-1', 1)).toEqual(chunk(1, 700).rows);
      expect(await store.readChunk('batch-1', 2)).toBeNull();
    });

    it('chunks keep defects, blank cells, line numbers and any script', async () => {
      const store = await openStore(open);
      await store.openBatch(draft(), NOW_MS);
      const defect = {
        code: 'ragged_line' as const,
        column: null,
        value: 'a;b',
        message: 'line 9 …',
      };
      const rows = [
        manifestRow(1, { line: 2, cells: ['', ''] }),
        manifestRow(2, { line: 9, cells: ['日本 🎬', '"\n;', 'third'], defect }),
      ];
      await store.appendChunk(ref('batch-1'), {
        index: 0,
        rows,
        outcomes: new Map(),
        sharedUrls: [],
      });
      expect(await store.readChunk('batch-1', 0)).toEqual(rows);
      expect(await store.readBatch('batch-1')).toMatchObject({ maxCells: 3 });
    });

    it('chunks count once when they arrive twice', async () => {
      const store = await openStore(open);
      await store.openBatch(draft(), NOW_MS);
      const known = chunk(0, 10, [[3, failed('no_source')]]);
      await store.appendChunk(ref('batch-1'), known);
      await store.appendChunk(ref('batch-1'), known);
      expect(await countsOf(store, 'batch-1')).toEqual({ waiting: 9, failed: 1 });
      expect(await store.readErrors('batch-1', 5)).toMatchObject([{ count: 1 }]);
    });

    it('chunks are refused when they arrive too early', async () => {
      const store = await openStore(open);
      await store.openBatch(draft(), NOW_MS);
      await expect(store.appendChunk(ref('batch-1'), chunk(1, 510))).rejects.toThrow(
        /out of order/,
      );
      expect(await countsOf(store, 'batch-1')).toEqual({});
      expect(await store.readChunk('batch-1', 1)).toBeNull();
    });

    it('chunks are ignored after the end of the import', async () => {
      const store = await openStore(open);
      await withBatch(store, 3);
      await store.appendChunk(ref('batch-1'), chunk(1, 510));
      expect(await countsOf(store, 'batch-1')).toEqual({ waiting: 3 });
    });

    it('chunks store the outcomes that reading alone has found', async () => {
      const store = await openStore(open);
      const invalid = outcome({
        status: 'invalid',
        attempts: 0,
        error: { code: 'no_source', message: 'line 3: neither' },
      });
      const duplicate = outcome({ status: 'duplicate', attempts: 0, duplicateOf: 1 });
      await withBatch(store, 4, [
        [2, invalid],
        [4, duplicate],
      ]);
      expect(await countsOf(store, 'batch-1')).toEqual({ waiting: 2, invalid: 1, duplicate: 1 });
      expect(await store.readOutcomes('batch-1', 0)).toEqual(
        new Map([
          [2, invalid],
          [4, duplicate],
        ]),
      );
      expect(await store.readErrors('batch-1', 5)).toEqual([
        { code: 'no_source', count: 1, sample: 'line 3: neither' },
      ]);
    });
  });

  describe('end of an import', () => {
    it('the end of an import starts the batch, with its final columns', async () => {
      const store = await openStore(open);
      await store.openBatch(draft(), NOW_MS);
      await store.appendChunk(ref('batch-1'), chunk(0, 1));
      const shape = { ...SHAPE, columns: ['name', 'video_url', 'late'] };
      await store.finishImport(ref('batch-1'), shape, NOW_MS);
      await store.finishImport(ref('batch-1'), shape, NOW_MS);
      expect(await store.readBatch('batch-1')).toMatchObject({ state: 'running', shape });
    });

    it('the end of an import completes the batch if no row is left to process', async () => {
      const store = await openStore(open);
      await withBatch(store, 1, [[1, failed('no_source')]]);
      expect(await store.readBatch('batch-1')).toMatchObject({
        state: 'completed',
        finishedAtMs: NOW_MS + 1,
      });
    });

    it('the end of an import does not revive a batch that was cancelled meanwhile', async () => {
      const store = await openStore(open);
      await store.openBatch(draft(), NOW_MS);
      await store.appendChunk(ref('batch-1'), chunk(0, 1));
      await store.changeState(ref('batch-1'), 'cancel', null, NOW_MS);
      await store.finishImport(ref('batch-1'), SHAPE, NOW_MS);
      expect(await store.readBatch('batch-1')).toMatchObject({ state: 'cancelling' });
    });
  });
}
