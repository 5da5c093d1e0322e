import type { OpenedSession } from '../answer/api-failure.ts';

/** What sessions cost, as the API's answers name it: units of a resource pack, and money of the balance. */
export interface Cost {
  units: number;
  balance: number;
}

export const NO_COST: Cost = { units: 0, balance: 0 };

/** Costs are summed as whole numbers, so that sums are exact. */
export const MILLIONTHS = 1_000_000;
/** A larger number cannot be the cost of a session. */
const LARGEST = 100_000;

/** What a session cost; null when its answer names no cost above 0. */
export function costOf({
  final_unit_deduction: units,
  final_balance_deduction: balance,
}: OpenedSession['details']): Cost | null {
  const cost = { units: amountOf(units), balance: amountOf(balance) };
  return cost.units + cost.balance > 0 ? cost : null;
}

/** To six decimals; 0 for anything but a plain number within bounds. */
function amountOf(value: string | number | undefined): number {
  const amount = /^\d{1,6}(\.\d{1,20})?$/.test(String(value ?? '')) ? Number(value) : 0;
  return amount <= LARGEST ? Math.round(amount * MILLIONTHS) / MILLIONTHS : 0;
}

/** `12.5 units, 3.4 of the balance`; null without a cost. */
export function describeCost({ units, balance }: Cost): string | null {
  const amount = (value: number): string =>
    value.toLocaleString('en-US', { maximumFractionDigits: 6 });
  const parts = [
    ...(units > 0 ? [`${amount(units)} ${units === 1 ? 'unit' : 'units'}`] : []),
    ...(balance > 0 ? [`${amount(balance)} of the balance`] : []),
  ];
  return parts.length === 0 ? null : parts.join(', ');
}
