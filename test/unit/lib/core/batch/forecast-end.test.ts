import { describe, expect, test } from 'vitest';
import { type Batch, NO_ARRANGEMENTS } from '../../../../../src/lib/core/batch/batch.ts';
import {
  forecastEndMs,
  hasOpenDeadline,
  isPaceTelling,
} from '../../../../../src/lib/core/batch/forecast-end.ts';
import { batchNews } from '../../notice/examples.ts';

const at = (time: string): number => Date.parse(`2026-11-25T${time}:00Z`);
const window = { from: '22:00', to: '06:00', zone: 'UTC' };
const finishBy = { atMs: at('06:00'), zone: 'UTC' };

const batchOf = (patch: Parameters<typeof batchNews>[0] = {}): Batch =>
  batchNews({
    state: 'running',
    arrangements: { ...NO_ARRANGEMENTS, finishBy },
    counts: { waiting: 3_600 },
    ...patch,
  }).batch;

describe('forecastEndMs', () => {
  const alone = { rowsPerSecond: 1, priority: 10, others: [] };
  const shared = { ...alone, others: [{ pending: 10_000, priority: 10 }] };
  const inWindow = batchOf({ arrangements: { ...NO_ARRANGEMENTS, window } });

  test.each([
    ['rows left at the pace', batchOf(), alone, '04:00', at('05:00')],
    ['beside another batch of the same priority', batchOf(), shared, '04:00', at('06:00')],
    ['within the window', inWindow, alone, '04:00', at('05:00')],
    ['and on into the next night', inWindow, alone, '05:30', at('22:30')],
  ])('%s', (_, batch, pace, from, expected) => {
    expect(forecastEndMs({ batch, pace, fromMs: at(from) })).toBe(expected);
  });
});

test.each<[string, Batch, string, boolean]>([
  ['it runs', batchOf(), '02:00', true],
  ['it is paused', batchOf({ state: 'paused' }), '02:00', true],
  ['its time is over', batchOf(), '07:00', true],
  ['its night is over', batchOf(), '18:00', false],
  ['it has none', batchOf({ arrangements: NO_ARRANGEMENTS }), '02:00', false],
  ['somebody was told', batchOf({ riskToldAtMs: 1 }), '02:00', false],
  ['it has ended', batchOf({ state: 'completed', counts: {} }), '02:00', false],
])('the open deadline of a batch is judged when %s', (_, batch, now, expected) => {
  expect(hasOpenDeadline(batch, at(now))).toBe(expected);
});

test.each<[string, Partial<Batch>, string, boolean]>([
  ['made just now', { createdAtMs: at('01:59') + 1 }, '02:00', false],
  ['a minute ago', { createdAtMs: at('01:59') }, '02:00', true],
  [
    'long ago, and its window opened just now',
    { createdAtMs: at('00:00'), arrangements: { ...NO_ARRANGEMENTS, window } },
    '22:00',
    false,
  ],
])(
  'the pace of a batch is judged for a batch made %s',
  (_, { counts: _counts, ...patch }, now, expected) => {
    expect(isPaceTelling(batchOf(patch), at(now))).toBe(expected);
  },
);
