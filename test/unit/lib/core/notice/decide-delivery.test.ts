import { expect, test } from 'vitest';
import {
  DELIVERY_TRIES,
  decideDelivery,
} from '../../../../../src/lib/core/notice/decide-delivery.ts';

const answered = (status: number | null) =>
  ({ kind: 'not_taken', status, reason: '', answer: '' }) as const;

test.each([
  ['taken', { kind: 'taken', status: 204, answer: '' } as const, 1, { kind: 'done' }],
  ['refused by the guard', { kind: 'refused', reason: '' } as const, 1, { kind: 'give_up' }],
  ['gone', answered(410), 1, { kind: 'give_up' }],
  ['first failure', answered(500), 1, { kind: 'again', delayMs: 30_000 }],
  ['no answer', answered(null), 2, { kind: 'again', delayMs: 60_000 }],
  ['not found may be mended', answered(404), 9, { kind: 'again', delayMs: 7_680_000 }],
  ['the last try', answered(500), DELIVERY_TRIES, { kind: 'give_up' }],
])('%s', (_, delivery, attempt, decision) => {
  expect(decideDelivery(delivery, attempt, 0)).toEqual(decision);
});

test('the last attempt is four to six hours after the first', () => {
  const spanMs = (random: number): number =>
    Array.from({ length: DELIVERY_TRIES - 1 }, (_, at) => {
      const decision = decideDelivery(answered(500), at + 1, random);
      return decision.kind === 'again' ? decision.delayMs : 0;
    }).reduce((sum, delayMs) => sum + delayMs, 0);
  expect(spanMs(0)).toBeGreaterThan(4 * 3_600_000);
  expect(spanMs(0.999)).toBeLessThan(6 * 3_600_000);
});
