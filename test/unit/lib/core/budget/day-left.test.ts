import { expect, it } from 'vitest';
import { explainShortDay } from '../../../../../src/lib/core/budget/day-left.ts';

it.each([
  ['the day has enough', 500, 400, 100, null],
  [
    'some of them wait',
    500,
    400,
    130,
    /allows 100 more sessions today, so at least 30 rows .* 530`/,
  ],
  ['all of them wait', 500, 500, 1, /allows no more sessions today, so at least 1 row .* 501`/],
  ['the limit was lowered below what is used', 10, 40, 5, /no more sessions .* 5 rows .* 45`/],
] as const)(
  'what a day leaves to rows that are called again: %s',
  (_, perDay, used, rows, said) => {
    const sentence = explainShortDay({ perDay, used }, rows);
    if (said === null) expect(sentence).toBe(null);
    else expect(sentence).toMatch(said);
  },
);

it('a day says how many rows wait at most where not all may be called', () => {
  expect(explainShortDay({ perDay: 1, used: 0 }, 3, 'up to')).toMatch(/so up to 2 rows will wait/);
});
