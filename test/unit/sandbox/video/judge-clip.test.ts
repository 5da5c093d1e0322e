import { expect, test } from 'vitest';
import { type ClipFacts, judgeClip } from '../../../../src/sandbox/video/judge-clip.ts';

const GOOD: ClipFacts = {
  formatName: 'mov,mp4,m4a,3gp,3g2,mj2',
  width: 1280,
  height: 720,
  fps: 30,
  durationS: 5,
};

test.each<[sentence: string, change: Partial<ClipFacts>]>([
  ['exactly 2 s', { durationS: 2 }],
  ['half a frame under 2 s', { durationS: 1.984 }],
  ['exactly 5.5 s', { durationS: 5.5 }],
  ['exactly 7 s', { durationS: 7 }],
  ['exactly 10.5 s', { durationS: 10.5 }],
  ['the smallest square', { width: 720, height: 720 }],
  ['the largest square', { width: 2160, height: 2160 }],
  ['24 fps', { fps: 24 }],
  ['60 fps', { fps: 60 }],
  ['23.976 fps', { fps: 24_000 / 1001 }],
  ['29.97 fps', { fps: 30_000 / 1001 }],
  ['59.94 fps', { fps: 60_000 / 1001 }],
])('%s is taken', (_sentence, change) => {
  expect(judgeClip({ ...GOOD, ...change })).toEqual([]);
});

test.each<[sentence: string, change: Partial<ClipFacts>]>([
  ['a frame under 2 s', { durationS: 1.966 }],
  ['a frame over 5.5 s', { durationS: 5.534 }],
  ['a frame under 7 s', { durationS: 6.966 }],
  ['a frame over 10.5 s', { durationS: 10.534 }],
  ['719 px wide', { width: 719 }],
  ['719 px high', { height: 719 }],
  ['2161 px wide', { width: 2161 }],
  ['2161 px high', { height: 2161 }],
  ['25 fps', { fps: 25 }],
  ['50 fps', { fps: 50 }],
  ['no frame rate', { fps: 0 }],
  ['a WebM', { formatName: 'matroska,webm' }],
])('%s is refused in one sentence', (_sentence, change) => {
  expect(judgeClip({ ...GOOD, ...change })).toHaveLength(1);
});

test('all violations are reported at once', () => {
  const worst = { formatName: 'avi', width: 100, height: 100, fps: 25, durationS: 60 };
  expect(judgeClip(worst)).toHaveLength(5);
});
