import { describe, expect, it } from 'vitest';
import type { RowCounts } from '../../../../../src/lib/core/batch/batch.ts';
import {
  decideBatchBudget,
  explainShort,
  explainShortOfMany,
  explainUsedUp,
} from '../../../../../src/lib/core/budget/batch-budget.ts';
import { batchNews } from '../../notice/examples.ts';

const batchOf = (maxSessions: number | null, usedSessions: number, counts: Partial<RowCounts>) =>
  batchNews({ counts, maxSessions, usedSessions }).batch;
const room = (rows: number) => ({ kind: 'room', rows });
const USED_UP = { kind: 'used_up' };

describe('how many rows a batch may hand over within its budget', () => {
  it.each([
    ['any number without a budget', null, 900, {}, 50, room(Number.POSITIVE_INFINITY)],
    ['all of an untouched budget', 10, 0, { waiting: 90 }, 0, room(10)],
    ['what the rows under way leave of it', 10, 0, { waiting: 90, ready: 4 }, 4, room(6)],
    ['a call under way is counted already', 10, 4, { waiting: 90, opening: 4 }, 4, room(6)],
    ['none while each session is spoken for', 10, 4, { opening: 4, probing: 6 }, 10, room(0)],
    ['none more when it was lowered below that', 2, 0, { probing: 6 }, 6, room(0)],
    ['none while a call may still give one back', 10, 10, { waiting: 9, opening: 1 }, 1, room(0)],
    ['one after a call gave one back', 10, 9, { waiting: 9 }, 0, room(1)],
    ['used up without a call under way', 10, 10, { waiting: 9 }, 0, USED_UP],
    ['used up with a row that wants a second call', 10, 10, { ready: 1 }, 1, USED_UP],
    ['used up when it was lowered below what is used', 3, 10, { waiting: 9 }, 0, USED_UP],
    ['nothing to wait for when all rows have ended', 10, 10, { succeeded: 10 }, 0, room(0)],
  ] as const)('%s', (_, most, used, counts, underWay, expected) => {
    expect(decideBatchBudget(batchOf(most, used, counts), underWay)).toEqual(expected);
  });
});

it('a budget says why rows wait, and what lets them continue', () => {
  expect(explainUsedUp(batchOf(500, 500, { waiting: 283, succeeded: 500 }))).toMatch(
    /^The 500 sessions that --max-sessions allows are used, so 283 rows wait\. `kling-sessions batches set-max-sessions \S+ 783`/,
  );
  expect(explainUsedUp(batchOf(1, 1, { waiting: 1 }))).toMatch(
    /^The 1 session that --max-sessions allows is used, so 1 row waits\./,
  );
});

it.each([
  ['null without a limit', null, 0, { waiting: 9 }, null],
  ['null where it is enough', 10, 1, { waiting: 9 }, null],
  ['a call under way needs no second session', 10, 10, { opening: 1 }, null],
  [
    'how many rows wait',
    10,
    8,
    { waiting: 9 },
    /allows 2 more sessions, so 7 rows will wait; .* 17` allows/,
  ],
  [
    'all of them wait',
    10,
    10,
    { waiting: 1 },
    /allows no more sessions, so 1 row will wait; .* 11`/,
  ],
] as const)(
  'what a budget leaves to rows that are called again: %s',
  (_, most, used, counts, said) => {
    const sentence = explainShort(batchOf(most, used, counts));
    if (said === null) expect(sentence).toBe(null);
    else expect(sentence).toMatch(said);
  },
);

it('rows that are about to be called again need sessions of a budget, too', () => {
  const batch = batchOf(10, 8, { waiting: 1, failed: 3 });
  expect(explainShort(batch, 1)).toBe(null);
  expect(explainShort(batch, 3)).toMatch(/allows 2 more sessions, so 2 rows will wait; .* 12`/);
});

describe('what the budgets of several batches leave to rows that are called again', () => {
  const enough = { batch: batchOf(null, 0, { failed: 9 }), rows: 9 };
  const short = (id: string, rows: number) => ({
    batch: { ...batchOf(10, 8, { failed: rows }), id },
    rows,
  });

  it.each([
    ['nothing without a limit', [enough, enough], false, null],
    ['the advice for one batch alone', [short('a', 5)], false, /so 3 rows will wait; .* a 13`/],
    ['at most so many, where some may not be called', [short('a', 5)], true, /so up to 3 rows/],
    [
      'the one that is short',
      [enough, short('a', 5)],
      false,
      /of one batch is .* 3 rows .* a \(3\)\.$/,
    ],
    [
      'the first three of those that are short',
      ['a', 'b', 'c', 'd'].map((id) => short(id, 4)),
      false,
      /of 4 batches are .* 8 rows will wait: a \(2\), b \(2\), c \(2\) and 1 more\.$/,
    ],
  ] as const)('what the budgets of several batches leave: %s', (_, all, isMost, said) => {
    const sentence = explainShortOfMany(all, isMost);
    if (said === null) expect(sentence).toBe(null);
    else expect(sentence).toMatch(said);
  });
});
