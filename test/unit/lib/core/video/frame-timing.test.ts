import { expect, test } from 'vitest';
import { describeFrames, type FrameRun } from '../../../../../src/lib/core/video/frame-timing.ts';
import { cpuTimeMs } from '../../../../setup/cpu-time.ts';

const runs = (...pairs: [count: number, ticks: number][]): FrameRun[] =>
  pairs.map(([count, ticks]) => ({ count, ticks }));

/** Average, rate of the commonest frames, `~` where the rate varies. */
function summary(frames: FrameRun[], timescale: number): string | null {
  const timing = describeFrames(frames, timescale);
  if (timing === null) return null;
  const [fps, usualFps] = [timing.fps, timing.usualFps].map((rate) => Number(rate.toFixed(2)));
  return `${fps} ${usualFps}${timing.isVariable ? ' ~' : ''}`;
}

test.each<[string, FrameRun[], number, string | null]>([
  ['frames all alike', runs([150, 512]), 15_360, '30 30'],
  [
    'two long frames of many',
    runs([19, 20], [1, 40], [24, 20], [1, 40], [103, 20]),
    600,
    '29.6 30 ~',
  ],
  ['a single long frame', runs([19, 20], [1, 40], [128, 20]), 600, '29.8 30'],
  ['a coarse clock', runs([1, 33], [1, 33], [1, 34], [1, 33], [1, 33], [1, 34]), 1000, '30 30'],
  ['a coarse clock at 60', runs([10, 16], [20, 17]), 1000, '60 60'],
  ['60 on a coarse clock, copied to a finer one', runs([40, 272], [20, 256]), 16_000, '60 60'],
  [
    'frames that are 2 ms shorter or longer',
    runs([20, 1680], [30, 1500], [20, 1320]),
    90_000,
    '60 60 ~',
  ],
  ['25 on the coarsest clock', runs([50, 1]), 25, '25 25'],
  [
    '25 with dropped frames on the coarsest clock',
    runs([50, 1], [4, 2], [50, 1]),
    25,
    '24.07 25 ~',
  ],
  ['a long first frame', runs([1, 2000], [299, 1000]), 60_000, '60 60'],
  ['a long last frame', runs([149, 1000], [1, 45_000]), 30_000, '30 30'],
  ['a last frame of one tick', runs([149, 3000], [1, 1]), 90_000, '30 30'],
  ['two frames of no duration in front', runs([2, 0], [148, 512]), 15_360, '30 30'],
  ['two rates in halves', runs([60, 3000], [60, 3600]), 90_000, '27.27 30 ~'],
  [
    'durations that jitter by less than a fiftieth',
    runs([9, 2970], [9, 3000], [9, 3030]),
    90_000,
    '30 30',
  ],
  ['one frame', runs([1, 3000]), 90_000, '30 30'],
  ['no frame', [], 90_000, null],
  ['no clock', runs([150, 512]), 0, null],
  ['no durations', runs([150, 0]), 600, null],
  ['hardly any durations', runs([100, 0], [50, 20]), 600, null],
])('%s', (_sentence, frames, timescale, expected) => {
  expect(summary(frames, timescale)).toBe(expected);
});

test('distinct durations take no noticeable time', () => {
  const frames = Array.from({ length: 10_000 }, (_, index) => ({
    count: 1,
    ticks: 100_000 + index,
  }));
  expect(cpuTimeMs(() => void describeFrames(frames, 90_000))).toBeLessThan(500);
});
