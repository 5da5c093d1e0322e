import { expect, it } from 'vitest';
import { reportFile } from '../../../../src/cli/options/options.ts';

it('takes any name of a file for a report, but not the sign that is stdout elsewhere', () => {
  expect(reportFile('-.csv')).toBe('-.csv');
  expect(() => reportFile('-')).toThrow('Name a file');
});
