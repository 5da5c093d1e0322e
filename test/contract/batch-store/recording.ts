import { describe, expect, it } from 'vitest';
import type { BatchState } from '../../../src/lib/core/batch/batch.ts';
import type { Outcome } from '../../../src/lib/core/row/outcome.ts';
import type { OutcomeStatus } from '../../../src/lib/core/row/row.ts';
import type { BatchStore } from '../../../src/lib/store/batch-store.ts';
import {
  countsOf,
  failed,
  type OpenBatchStores,
  openStore,
  outcome,
  progress,
  ref,
  SOURCE,
  viewOf,
  withBatch,
} from './examples.ts';

interface Win {
  row: number;
  status: OutcomeStatus;
  batchState: BatchState;
}

/**
 * Every writer ends every row in its own way, all at once and each starting first in turn; returns the first one by
 * row.
 */
async function race(
  batchId: string,
  rows: number,
  writers: [BatchStore, Outcome][],
): Promise<Win[]> {
  const writes = Array.from({ length: rows }, (_, i) => i + 1).flatMap((row) => {
    const inTurn = row % 2 === 0 ? writers : writers.toReversed();
    return inTurn.map(async ([store, ending]): Promise<Win[]> => {
      const result = await store.recordOutcome(ref(batchId), row, '', ending, SOURCE);
      if (result.kind !== 'recorded') return [];
      return [{ row, status: ending.status, batchState: result.batchState }];
    });
  });
  return (await Promise.all(writes)).flat();
}

export function describeRecording(open: OpenBatchStores): void {
  describe('outcome', () => {
    it('an outcome is stored with all its fields', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 2);
      const full: Outcome = {
        status: 'unconfirmed',
        finishedAtMs: 1_700_000_000_123,
        attempts: 3,
        session: { id: '784912345678901234', expiresAtMs: 1_700_086_400_123 },
        error: { code: 'timeout', message: 'no answer – 没有' },
        warnings: ['one', 'two'],
        requestId: 'req-1',
        httpStatus: 504,
        failedAttempts: [
          {
            atMs: 1_699_999_999_000,
            code: '5000',
            message: 'später',
            httpStatus: null,
            requestId: 'req-0',
          },
        ],
        video: { durationS: 5.005, height: 720 },
        duplicateOf: 7,
        possibleOrphans: 2,
        unclearCalls: [1_699_999_998_000, 1_699_999_999_000],
      };
      await store.recordOutcome(ref(id), 1, '', full, SOURCE);
      await store.recordOutcome(ref(id), 2, '', outcome({ attempts: 0 }), SOURCE);
      expect(await store.readOutcomes(id, 0)).toEqual(
        new Map([
          [1, { ...full, called: expect.stringMatching(/^[\w-]{4}$/) }],
          [2, outcome({ attempts: 0 })],
        ]),
      );
      expect(await store.readBatch(id)).toMatchObject({ possibleOrphans: 2 });
    });

    it('an outcome moves the counters, from whatever state the row was in', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 4);
      await store.markDispatched(ref(id), [{ row: 1, state: 'probing' }], 1, 0);
      const { version } = await viewOf(store, id, 1);
      await store.recordOutcome(ref(id), 1, version, outcome({ status: 'rejected' }), SOURCE);
      expect(await countsOf(store, id)).toEqual({ waiting: 3, rejected: 1 });
      await store.recordOutcome(ref(id), 2, '', outcome({ status: 'cancelled' }), SOURCE);
      expect(await countsOf(store, id)).toEqual({ waiting: 2, rejected: 1, cancelled: 1 });
    });

    it('an outcome is final: the first one wins', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 2);
      await store.recordOutcome(ref(id), 1, '', outcome({ requestId: 'first' }), SOURCE);
      const second = await store.recordOutcome(ref(id), 1, '', failed('late'), SOURCE);
      expect(second).toEqual({ kind: 'has_outcome' });
      expect((await store.readOutcomes(id, 0)).get(1)?.requestId).toBe('first');
      expect(await countsOf(store, id)).toEqual({ waiting: 1, succeeded: 1 });
      expect(await store.readErrors(id, 5)).toEqual([]);
    });

    it('an outcome is refused if the row has moved on', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 1);
      await store.swapProgress(ref(id), 1, '', progress('opening', 'other'));
      expect(await store.recordOutcome(ref(id), 1, '', outcome(), SOURCE)).toEqual({
        kind: 'changed',
      });
      expect(await countsOf(store, id)).toEqual({ opening: 1 });
      expect(await store.readOutcomes(id, 0)).toEqual(new Map());
    });

    it('an outcome is written once by two writers that race, on every one of 100 rows', async () => {
      const [one, other] = await open(2);
      if (one === undefined || other === undefined) throw new Error('no two stores');
      const id = await withBatch(one, 100);
      const wins = await race(id, 100, [
        [one, outcome()],
        [other, failed('late')],
      ]);
      expect(wins.map(({ row }) => row)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));

      const outcomes = await one.readOutcomes(id, 0);
      expect(wins.map(({ row }) => outcomes.get(row)?.status)).toEqual(
        wins.map(({ status }) => status),
      );
      const failures = wins.filter(({ status }) => status === 'failed').length;
      expect((await one.readBatch(id))?.counts).toMatchObject({
        waiting: 0,
        succeeded: 100 - failures,
        failed: failures,
      });
      expect((await one.readErrors(id, 1))[0]?.count ?? 0).toBe(failures);
      expect(wins.filter(({ batchState }) => batchState === 'completed')).toHaveLength(1);
    });
  });

  describe('outcomes', () => {
    it('outcomes are read by chunk', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 501);
      await store.recordOutcome(ref(id), 500, '', outcome(), SOURCE);
      await store.recordOutcome(ref(id), 501, '', failed('x'), SOURCE);
      expect([...(await store.readOutcomes(id, 0)).keys()]).toEqual([500]);
      expect([...(await store.readOutcomes(id, 1)).keys()]).toEqual([501]);
      expect(await store.readOutcomes(id, 2)).toEqual(new Map());
    });

    it('outcomes are read for any rows of any chunks, without rows that have none', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 501);
      await store.recordOutcome(ref(id), 1, '', outcome({ requestId: 'r1' }), SOURCE);
      await store.recordOutcome(ref(id), 501, '', outcome({ requestId: 'r501' }), SOURCE);
      const found = await store.readOutcomesOf(id, [501, 2, 1]);
      expect([...found].map(([row, { requestId }]) => [row, requestId])).toEqual([
        [501, 'r501'],
        [1, 'r1'],
      ]);
      expect(await store.readOutcomesOf(id, [])).toEqual(new Map());
    });
  });

  describe('error', () => {
    it('an error is counted by code, most frequent first, each with one of its messages', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 6);
      const codes = ['1301', 'timeout', 'timeout', '1201', 'timeout', '1201'];
      for (const [index, code] of codes.entries()) {
        await store.recordOutcome(
          ref(id),
          index + 1,
          '',
          failed(code, `${code} of ${index + 1}`),
          SOURCE,
        );
      }
      expect(await store.readErrors(id, 2)).toEqual([
        { code: 'timeout', count: 3, sample: 'timeout of 2' },
        { code: '1201', count: 2, sample: '1201 of 4' },
      ]);
    });

    it('an error is counted whatever its code looks like', async () => {
      const store = await openStore(open);
      const codes = ['x', 'message:x', 'n:x', '__proto__'];
      const id = await withBatch(store, codes.length);
      for (const [index, code] of codes.entries()) {
        await store.recordOutcome(
          ref(id),
          index + 1,
          '',
          failed(code, `message of ${code}`),
          SOURCE,
        );
      }
      const errors = await store.readErrors(id, 9);
      expect(errors.map(({ code }) => code).sort()).toEqual(codes.toSorted());
      for (const { code, sample } of errors) expect(sample).toBe(`message of ${code}`);
      expect(await store.readBatch(id)).toMatchObject({ state: 'completed' });
    });

    it('the last hundred ends come with every outcome', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 120);
      for (let row = 1; row <= 110; row += 1) {
        await store.recordOutcome(ref(id), row, '', row <= 20 ? failed('x') : outcome(), SOURCE);
      }
      const result = await store.recordOutcome(
        ref(id),
        111,
        '',
        outcome({ status: 'unconfirmed' }),
        SOURCE,
      );
      expect(result).toEqual({
        kind: 'recorded',
        batchState: 'running',
        failures: { recentEnds: `${'1'.repeat(9)}${'0'.repeat(90)}1`, failedRows: 21 },
      });
    });

    it('the count of failed rows includes failed and unconfirmed rows, no others', async () => {
      const store = await openStore(open);
      const id = await withBatch(store, 9);
      const statuses = ['succeeded', 'rejected', 'cancelled', 'invalid', 'reused'] as const;
      for (const [index, status] of statuses.entries()) {
        await store.recordOutcome(ref(id), index + 1, '', outcome({ status }), SOURCE);
      }
      const result = await store.recordOutcome(ref(id), 6, '', failed('x'), SOURCE);
      expect(result).toMatchObject({ failures: { recentEnds: '000001', failedRows: 1 } });
    });
  });
}
