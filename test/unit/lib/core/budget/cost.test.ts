import { expect, it } from 'vitest';
import { costOf, describeCost } from '../../../../../src/lib/core/budget/cost.ts';

it.each([
  ['units as text', { final_unit_deduction: '2.5' }, { units: 2.5, balance: 0 }],
  ['money as a number', { final_balance_deduction: 0.35 }, { units: 0, balance: 0.35 }],
  ['both', { final_unit_deduction: 1, final_balance_deduction: '3' }, { units: 1, balance: 3 }],
  [
    'no more than six decimals',
    { final_unit_deduction: '0.12345678' },
    { units: 0.123457, balance: 0 },
  ],
  ['nothing', {}, null],
  ['a cost of 0', { final_unit_deduction: '0', final_balance_deduction: 0 }, null],
  ['less than 0', { final_unit_deduction: '-4' }, null],
  ['no number', { final_unit_deduction: 'free', final_balance_deduction: '' }, null],
  ['more than any session costs', { final_unit_deduction: '100001' }, null],
  ['a number in other words', { final_unit_deduction: '1e3' }, null],
  ['no finite number', { final_unit_deduction: Number.POSITIVE_INFINITY }, null],
])('the cost of a session: %s', (_, details, expected) => {
  expect(costOf(details)).toEqual(expected);
});

it('a cost is described in words', () => {
  expect(describeCost({ units: 1, balance: 0 })).toBe('1 unit');
  expect(describeCost({ units: 1_234.5, balance: 0.000001 })).toBe(
    '1,234.5 units, 0.000001 of the balance',
  );
  expect(describeCost({ units: 0, balance: 0 })).toBeNull();
});
