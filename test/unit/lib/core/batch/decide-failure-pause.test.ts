import { expect, test } from 'vitest';
import type { FailureLimit } from '../../../../../src/lib/core/batch/batch.ts';
import { decideFailurePause } from '../../../../../src/lib/core/batch/decide-failure-pause.ts';

const half: FailureLimit = { kind: 'share', percent: 50 };

test.each<
  [sentence: string, ended: [failed: number, good: number], limit: FailureLimit, pauses: boolean]
>([
  ['more than half of a hundred pause a batch', [51, 49], half, true],
  ['half of a hundred do not', [50, 50], half, false],
  ['more than half of twenty do', [11, 9], half, true],
  ['half of twenty do not', [10, 10], half, false],
  ['nineteen rows say nothing, even if all failed', [19, 0], half, false],
  ['twenty say all', [20, 0], half, true],
  ['no row says nothing', [0, 0], half, false],
  ['20 % is another limit: over it', [21, 79], { kind: 'share', percent: 20 }, true],
  ['… and just not over it', [20, 80], { kind: 'share', percent: 20 }, false],
  ['0 % pauses at the first failure of twenty', [1, 19], { kind: 'share', percent: 0 }, true],
  ['100 % never pauses', [100, 0], { kind: 'share', percent: 100 }, false],
  ['a count pauses when it is reached', [5, 0], { kind: 'count', rows: 5 }, true],
  ['… whatever the share of it', [5, 95], { kind: 'count', rows: 5 }, true],
  ['… and not before', [4, 0], { kind: 'count', rows: 5 }, false],
  ['off is off', [100, 0], { kind: 'off' }, false],
])('%s', (_sentence, [failed, good], limit, pauses) => {
  const recentEnds = '1'.repeat(failed) + '0'.repeat(good);
  expect(decideFailurePause({ recentEnds, failedRows: failed }, limit)).toBe(pauses);
});

test('a share considers the last hundred rows only, a count all rows since the batch resumed', () => {
  const facts = { recentEnds: '0'.repeat(100), failedRows: 500 };
  expect(decideFailurePause(facts, half)).toBe(false);
  expect(decideFailurePause(facts, { kind: 'count', rows: 50 })).toBe(true);
});
