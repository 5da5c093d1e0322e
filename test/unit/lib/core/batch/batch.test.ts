import { describe, expect, it, test } from 'vitest';
import {
  BATCH_STATES,
  type BatchEvent,
  type BatchState,
  countEnded,
  countPending,
  countWithoutSession,
  nextBatchState,
  type RowCounts,
} from '../../../../../src/lib/core/batch/batch.ts';

const EVENTS: BatchEvent[] = ['imported', 'pause', 'resume', 'cancel', 'all_rows_ended'];

/** The whole table; what is not in it does not apply. */
const TABLE: [state: BatchState, event: BatchEvent, next: BatchState][] = [
  ['importing', 'imported', 'running'],
  ['importing', 'cancel', 'cancelling'],
  ['running', 'pause', 'paused'],
  ['running', 'cancel', 'cancelling'],
  ['running', 'all_rows_ended', 'completed'],
  ['paused', 'resume', 'running'],
  ['paused', 'cancel', 'cancelling'],
  ['paused', 'all_rows_ended', 'completed'],
  ['cancelling', 'all_rows_ended', 'cancelled'],
];

const isInTable = (state: BatchState, event: BatchEvent): boolean =>
  TABLE.some(([from, by]) => from === state && by === event);

describe('state of a batch', () => {
  test.each(TABLE)('a batch that is %s becomes, by %s, %s', (state, event, next) => {
    expect(nextBatchState(state, event)).toBe(next);
  });

  const others = BATCH_STATES.flatMap((state) => EVENTS.map((event) => [state, event] as const));
  test.each(others.filter(([state, event]) => !isInTable(state, event)))(
    'a batch that is %s takes no notice of %s',
    (state, event) => {
      expect(nextBatchState(state, event)).toBeNull();
    },
  );

  it.each(['completed', 'cancelled'] as const)('a batch that is %s stays so', (state) => {
    expect(EVENTS.map((event) => nextBatchState(state, event))).toEqual(EVENTS.map(() => null));
  });
});

describe('share of a batch', () => {
  const counts: RowCounts = {
    waiting: 1,
    probing: 2,
    ready: 4,
    opening: 8,
    succeeded: 16,
    reused: 32,
    duplicate: 64,
    invalid: 128,
    rejected: 256,
    failed: 512,
    unconfirmed: 1_024,
    cancelled: 2_048,
  };

  test.each<[what: string, count: (counts: RowCounts) => number, rows: number]>([
    ['are pending', countPending, 1 + 2 + 4 + 8],
    ['have ended', countEnded, 4_096 - 16],
    ['ended without a session', countWithoutSession, 128 + 256 + 512 + 1_024 + 2_048],
  ])('so many rows of a batch %s', (_what, count, rows) => {
    expect(count(counts)).toBe(rows);
  });
});
