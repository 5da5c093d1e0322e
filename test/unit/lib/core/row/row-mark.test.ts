import { expect, test } from 'vitest';
import { OUTCOME_STATUSES } from '../../../../../src/lib/core/row/row.ts';
import {
  markOf,
  mayHaveCode,
  NO_MARK,
  statusOfMark,
} from '../../../../../src/lib/core/row/row-mark.ts';

const failed = (code: string) => markOf({ status: 'failed', error: { code, message: 'words' } });

test.each(OUTCOME_STATUSES)('a mark identifies %s exactly, with and without a code', (status) => {
  expect(statusOfMark(markOf({ status }))).toBe(status);
  const error = { code: 'http_404', message: 'words' };
  expect(statusOfMark(markOf({ status, error }))).toBe(status);
});

test('a row without an outcome has its own mark', () => {
  expect(statusOfMark(NO_MARK)).toBe(null);
  expect(mayHaveCode(NO_MARK, 'http_404')).toBe(false);
});

test('a mark matches its own code, whatever the status', () => {
  expect(mayHaveCode(failed('http_404'), 'http_404')).toBe(true);
  expect(mayHaveCode(markOf({ status: 'succeeded' }), 'http_404')).toBe(false);
});

test('a mark fits into two bytes and distinguishes all existing codes', () => {
  const codes = [
    'http_404',
    'http_403',
    '1303',
    '1301',
    'dns',
    'timeout',
    'url_expired',
    'worker_died',
  ];
  for (const code of codes) {
    expect(failed(code)).toBeLessThan(2 ** 16);
    expect(codes.filter((other) => mayHaveCode(failed(code), other))).toEqual([code]);
  }
});
