import { expect, test } from 'vitest';
import { type Arrangements, NO_ARRANGEMENTS } from '../../../../../src/lib/core/batch/batch.ts';
import { describeArrangements } from '../../../../../src/lib/core/batch/describe-arrangements.ts';
import { batchNews } from '../../notice/examples.ts';

const NOW_MS = Date.parse('2026-11-25T18:00:00Z');
const zone = 'Asia/Taipei';
const finishBy = { atMs: Date.parse('2026-11-25T22:00:00Z'), zone };

test.each<[string, Partial<Arrangements>, number | null, string | null]>([
  ['nothing', {}, null, null],
  [
    'all of it',
    {
      schedule: 'nightly',
      window: { from: '22:00', to: '06:00', zone },
      finishBy,
      tags: ['spring', 'ads'],
    },
    null,
    'Started by schedule nightly, worked on 22:00–06:00 (Asia/Taipei), to end by 06:00 (Asia/Taipei), tagged spring, ads.',
  ],
  ['a risk', { finishBy }, 1, 'To end by 06:00 (Asia/Taipei), and will probably be late.'],
])('the arrangements of a batch are one sentence: %s', (_, patch, riskToldAtMs, sentence) => {
  const { batch } = batchNews({ arrangements: { ...NO_ARRANGEMENTS, ...patch }, riskToldAtMs });
  expect(describeArrangements(batch, NOW_MS)).toBe(sentence);
});
