import { expect, it } from 'vitest';
import type { Batch, RowCounts } from '../../../../../src/lib/core/batch/batch.ts';
import { countOpenRows } from '../../../../../src/lib/core/batch/count-open-rows.ts';
import { countsOf } from '../../../../setup/examples/counts.ts';

const batchWith = (counts: Partial<RowCounts>): Batch => ({ counts: countsOf(counts) }) as Batch;

const broken = batchWith({ succeeded: 5, invalid: 1, rejected: 2, failed: 3 });

it.each([
  ['nothing is mended', [], { open: 6, underWay: 0 }],
  ['rows got a session', [batchWith({ succeeded: 3, reused: 1 })], { open: 2, underWay: 0 }],
  ['some failed again', [batchWith({ succeeded: 3, failed: 3 })], { open: 3, underWay: 0 }],
  ['some are under way', [batchWith({ succeeded: 1, waiting: 4 })], { open: 5, underWay: 4 }],
  [
    'two batches share the work',
    [batchWith({ succeeded: 2 }), batchWith({ succeeded: 3 })],
    { open: 1, underWay: 0 },
  ],
  ['the mending batch holds more rows', [batchWith({ succeeded: 9 })], { open: 0, underWay: 0 }],
])('a count covers what is open when %s', (_name, mending, expected) => {
  expect(countOpenRows(broken, mending)).toEqual(expected);
});
