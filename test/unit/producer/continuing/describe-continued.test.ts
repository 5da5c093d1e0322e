import { expect, it } from 'vitest';
import { describeContinuation } from '../../../../src/lib/core/continuing/describe-continuation.ts';
import { describeKeys } from '../../../../src/producer/continuing/describe-continued.ts';

const NOTHING = {
  changed: 0,
  isNew: 0,
  failed: 0,
  expired: 0,
  invalid: 0,
  repeated: 0,
  removed: 0,
};
const TABLE = { fileName: 'clips.csv', batchId: 'clips', isReport: false };

it.each([
  [0, 'no row keeps its session, 2 changed: 2 calls.'],
  [1, '1 row is unchanged and keeps its session, 2 changed: 2 calls.'],
  [3, '3 rows are unchanged and keep their sessions, 2 changed: 2 calls.'],
])('%d kept rows are said in words', (kept, words) => {
  expect(describeContinuation(TABLE, { ...NOTHING, kept, changed: 2 })).toBe(
    `clips.csv has changed since clips: ${words}`,
  );
});

it('a file with the same bytes is not said to have changed', () => {
  expect(describeContinuation({ ...TABLE, isSameFile: true }, { ...NOTHING, kept: 3 })).toBe(
    'clips.csv is unchanged since clips: 3 rows are unchanged and keep their sessions: 0 calls.',
  );
});

it.each([
  [0, 1, '1 row has no usable key (1 repeated: line 3); it is compared by all its cells.'],
  [2, 0, '2 rows have no usable key (2 empty: line 3); they are compared by all their cells.'],
  [
    1,
    1,
    '2 rows have no usable key (1 empty, 1 repeated: line 3); they are compared by all their cells.',
  ],
])('%d empty and %d repeated keys: only what there is is counted', (empty, repeated, sentence) => {
  expect(describeKeys({ empty, repeated, examples: ['line 3'] })).toEqual([sentence]);
});
