import { expect, test } from 'vitest';
import { judgeKlingSource } from '../../../../../src/lib/core/video/judge-kling-source.ts';

const NOW_MS = Date.UTC(2026, 5, 30, 12);
const DAY_MS = 86_400_000;

test.each([
  ['made now', 0, '+'],
  ['28 days old, less a millisecond', 28 * DAY_MS - 1, '+'],
  ['28 days old', 28 * DAY_MS, '+ kling_ages_out'],
  ['30 days old', 30 * DAY_MS, '+ kling_ages_out'],
  ['30 days and a millisecond old', 30 * DAY_MS + 1, '- kling_too_old'],
  ['a year old', 365 * DAY_MS, '- kling_too_old'],
  ['made tomorrow', -DAY_MS, '+ kling_in_future'],
])('%s', (_sentence, ageMs, expected) => {
  const { isAccepted, violations, warnings } = judgeKlingSource(NOW_MS - ageMs, NOW_MS);
  const codes = [...violations, ...warnings].map(({ code }) => code);
  expect([isAccepted ? '+' : '-', ...codes].join(' ')).toBe(expected);
});

test('the message says until when the API accepts the video', () => {
  const { warnings } = judgeKlingSource(NOW_MS - 29 * DAY_MS, NOW_MS);
  expect(warnings[0]?.message).toContain('so this one until ');
});
