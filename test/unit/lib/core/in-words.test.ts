import { expect, test } from 'vitest';
import { formatCount } from '../../../../src/lib/core/in-words.ts';

test.each([
  [0, '0'],
  [999, '999'],
  [1_000, '1,000'],
  [10_000_000, '10,000,000'],
  [-12_345, '-12,345'],
])('%d is written as %s', (count, text) => {
  expect(formatCount(count)).toBe(text);
});
