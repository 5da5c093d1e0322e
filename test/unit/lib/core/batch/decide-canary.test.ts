import { expect, test } from 'vitest';
import type { RowCounts } from '../../../../../src/lib/core/batch/batch.ts';
import {
  type CanaryDecision,
  type CanaryFacts,
  decideCanary,
} from '../../../../../src/lib/core/batch/decide-canary.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../../../../../src/lib/core/row/row.ts';

const NONE = Object.fromEntries(
  [...PENDING_STATES, ...OUTCOME_STATUSES].map((name) => [name, 0]),
) as RowCounts;

type Given = Partial<Omit<CanaryFacts, 'counts'>> & { counts?: Partial<RowCounts> };
type Case = [sentence: string, given: Given, decision: CanaryDecision];

const proceed: CanaryDecision = { kind: 'continue' };
const tryRows = (atMost: number): CanaryDecision => ({ kind: 'try', atMost });

test.each<Case>([
  ['there is no canary', { trialRows: null }, proceed],
  ['a canary of five begins with five', {}, tryRows(5)],
  ['those under way belong to it', { underWay: 3 }, tryRows(2)],
  ['all under way: their outcomes are awaited', { underWay: 5 }, tryRows(0)],
  ['so do those that failed', { underWay: 1, counts: { failed: 3 } }, tryRows(1)],
  ['… were rejected or unconfirmed', { counts: { rejected: 1, unconfirmed: 1 } }, tryRows(3)],
  ['malformed and repeated rows try nothing', { counts: { invalid: 9, duplicate: 9 } }, tryRows(5)],
  ['one session is enough', { underWay: 4, counts: { succeeded: 1 } }, proceed],
  ['… however many failed', { counts: { succeeded: 1, failed: 4 } }, proceed],
  ['… or was reused', { counts: { reused: 1 } }, proceed],
  ['four failed and the fifth is awaited', { underWay: 1, counts: { failed: 4 } }, tryRows(0)],
  ['all five failed', { counts: { failed: 5 } }, { kind: 'failed' }],
  [
    '… but a person resumed the batch since then',
    { counts: { failed: 5 }, wasResumed: true },
    proceed,
  ],
])('%s', (_sentence, { counts, ...given }, decision) => {
  const facts = { trialRows: 5, underWay: 0, wasResumed: false, ...given };
  expect(decideCanary({ ...facts, counts: { ...NONE, ...counts } })).toEqual(decision);
});
