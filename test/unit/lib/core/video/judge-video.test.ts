import { describe, expect, test } from 'vitest';
import { judgeVideo } from '../../../../../src/lib/core/video/judge-video.ts';
import type { VideoFacts } from '../../../../../src/lib/core/video/video.ts';

const GOOD: VideoFacts = {
  container: 'mp4',
  codec: 'h264',
  width: 1280,
  height: 720,
  fps: 30,
  isVariableFrameRate: false,
  durationS: 4,
  containerDurationS: 4,
  notes: [],
};

const NTSC_24 = 24_000 / 1001;
const NTSC_30 = 30_000 / 1001;
const NTSC_60 = 60_000 / 1001;

/** The verdict in codes: `+` accepted, `-` rejected, then violations, then warnings in brackets. */
function summary(change: Partial<VideoFacts>, strictFps = false): string {
  const facts = { ...GOOD, containerDurationS: change.durationS ?? GOOD.durationS, ...change };
  const { isAccepted, violations, warnings } = judgeVideo(facts, { strictFps });
  const found = [...violations.map((v) => v.code), ...warnings.map((w) => `(${w.code})`)];
  return [isAccepted ? '+' : '-', ...found].join(' ');
}

describe('size', () => {
  test.each([
    ['the smallest size', { width: 720, height: 720 }, '+'],
    ['the largest size', { width: 2160, height: 2160 }, '+'],
    ['portrait', { width: 720, height: 1280 }, '+'],
    ['one px too narrow', { width: 719 }, '- width_too_small'],
    ['one px too wide', { width: 2161 }, '- width_too_large'],
    ['one px too low', { height: 719 }, '- height_too_small'],
    ['one px too high', { height: 2161 }, '- height_too_large'],
    ['both sides wrong', { width: 3840, height: 480 }, '- width_too_large height_too_small'],
    [
      'anamorphic, right both ways',
      { width: 1440, height: 1080, pixelAspectRatio: 4 / 3 },
      '+ (anamorphic)',
    ],
    [
      'anamorphic, right only as shown',
      { width: 640, height: 720, pixelAspectRatio: 2 },
      '+ (anamorphic)',
    ],
    [
      'anamorphic, right only as stored',
      { width: 1920, height: 1080, pixelAspectRatio: 2 },
      '+ (anamorphic)',
    ],
    [
      'anamorphic, wrong both ways',
      { width: 720, height: 576, pixelAspectRatio: 64 / 45 },
      '- height_too_small',
    ],
  ])('%s', (_sentence, change, expected) => {
    expect(summary(change)).toBe(expected);
  });
});

describe('rate', () => {
  test.each([
    ['24 fps', { fps: 24 }, '+'],
    ['30 fps', { fps: 30 }, '+'],
    ['60 fps', { fps: 60 }, '+'],
    ['23.976 fps', { fps: NTSC_24 }, '+ (fps_ntsc)'],
    ['29.97 fps', { fps: NTSC_30 }, '+ (fps_ntsc)'],
    ['59.94 fps', { fps: NTSC_60 }, '+ (fps_ntsc)'],
    ['23.98 fps, as some write it', { fps: 23.98 }, '+ (fps_ntsc)'],
    ['25 fps', { fps: 25 }, '- fps'],
    ['25 fps, 2 s', { fps: 25, durationS: 2 }, '- fps'],
    ['50 fps', { fps: 50 }, '- fps'],
    ['23 fps', { fps: 23 }, '- fps'],
    ['29 fps', { fps: 29 }, '- fps'],
    ['31 fps', { fps: 31 }, '- fps'],
    ['120 fps', { fps: 120 }, '- fps'],
    ['1 fps', { fps: 1 }, '- fps'],
    ['a rate not told', { fps: 0 }, '+ (fps_unknown)'],
    ['a rate that is not a number', { fps: Number.NaN }, '+ (fps_unknown)'],
    ['the rounding of a coarse clock', { fps: 29.995 }, '+'],
    [
      '30 fps with a last frame twice as long',
      { fps: 60 / (61 / 30), durationS: 61 / 30 },
      '+ (fps_near)',
    ],
    ['half a frame per second too few', { fps: 29.5, durationS: 10 }, '+ (fps_near)'],
    ['more than half a frame per second too few', { fps: 29.49, durationS: 10 }, '- fps'],
    ['29.8 fps and no duration', { fps: 29.8, durationS: null }, '+ (fps_near) (duration_unknown)'],
    ['one millisecond short of 60 fps', { fps: 120 / 1.999, durationS: 1.999 }, '+'],
    ['two milliseconds short', { fps: 120 / 1.998, durationS: 1.998 }, '+ (fps_near)'],
    ['59.94 fps for 2 s', { fps: NTSC_60, durationS: 120 / NTSC_60 }, '+ (fps_ntsc)'],
    ['28 fps, most frames as at 30', { fps: 28, usualFps: 30 }, '+ (fps_near)'],
    ['28 fps, most frames as at 29.97', { fps: 28, usualFps: NTSC_30 }, '+ (fps_near)'],
    ['28 fps, most frames as at 25', { fps: 28, usualFps: 25 }, '- fps'],
    ['30 fps on average, most frames as at 40', { fps: 30, usualFps: 40 }, '+'],
    ['a variable rate of 30 on average', { isVariableFrameRate: true }, '+ (fps_variable)'],
    [
      'a variable rate of 29.8 on average',
      { fps: 29.8, durationS: 9, isVariableFrameRate: true },
      '+ (fps_variable) (fps_near)',
    ],
    [
      'a variable rate of 27 on average',
      { fps: 27, isVariableFrameRate: true },
      '- fps (fps_variable)',
    ],
  ])('%s', (_sentence, change, expected) => {
    expect(summary(change)).toBe(expected);
  });

  test.each([
    ['24 fps', { fps: 24 }, '+'],
    ['30 fps', { fps: 30 }, '+'],
    ['60 fps', { fps: 60 }, '+'],
    ['23.976 fps', { fps: NTSC_24 }, '- fps'],
    ['29.97 fps', { fps: NTSC_30 }, '- fps'],
    ['59.94 fps', { fps: NTSC_60 }, '- fps'],
    ['29.6 fps', { fps: 29.6 }, '- fps'],
    ['28 fps, most frames as at 30', { fps: 28, usualFps: 30 }, '- fps'],
    ['a rate not told', { fps: 0 }, '+ (fps_unknown)'],
  ])('the rate is judged strictly: %s', (_sentence, change, expected) => {
    expect(summary(change, true)).toBe(expected);
  });
});

describe('duration', () => {
  const halfFrameS = 0.5 / 30;
  test.each([
    ['2 s', 2, '+'],
    ['half a frame below 2 s', 2 - halfFrameS, '+'],
    ['more than half a frame below 2 s', 2 - halfFrameS - 0.001, '+ (duration_near)'],
    ['50 ms below 2 s', 1.95, '+ (duration_near)'],
    ['more than 50 ms below 2 s', 1.949, '- duration_too_short'],
    ['5.5 s', 5.5, '+'],
    ['half a frame above 5.5 s', 5.5 + halfFrameS, '+'],
    ['50 ms above 5.5 s', 5.55, '+ (duration_near)'],
    ['more than 50 ms above 5.5 s', 5.551, '- duration_gap'],
    ['6.2 s', 6.2, '- duration_gap'],
    ['more than 50 ms below 7 s', 6.949, '- duration_gap'],
    ['50 ms below 7 s', 6.95, '+ (duration_near)'],
    ['half a frame below 7 s', 7 - halfFrameS, '+'],
    ['7 s', 7, '+'],
    ['10.5 s', 10.5, '+'],
    ['half a frame above 10.5 s', 10.5 + halfFrameS, '+'],
    ['50 ms above 10.5 s', 10.55, '+ (duration_near)'],
    ['more than 50 ms above 10.5 s', 10.551, '- duration_too_long'],
    ['an hour', 3600, '- duration_too_long'],
    ['nothing', 0, '- duration_too_short'],
  ])('%s', (_sentence, durationS, expected) => {
    expect(summary({ durationS })).toBe(expected);
  });

  test.each([
    ['neither tells', { durationS: null, containerDurationS: null }, '+ (duration_unknown)'],
    [
      'only the file has one, and it is wrong',
      { durationS: null, containerDurationS: 12 },
      '+ (duration_unknown)',
    ],
    [
      'only the track has one, and it is wrong',
      { durationS: 12, containerDurationS: null },
      '- duration_too_long',
    ],
    ['audio outlasts the bound', { durationS: 5, containerDurationS: 6 }, '+ (duration_disagrees)'],
    [
      'audio reaches into the bound',
      { durationS: 6, containerDurationS: 7 },
      '+ (duration_disagrees)',
    ],
    ['both differ, both right', { durationS: 5, containerDurationS: 5.3 }, '+'],
    ['both differ, both wrong', { durationS: 1, containerDurationS: 12 }, '- duration_too_short'],
    [
      'more frames are stored than shown',
      { durationS: 5, otherDurationsS: [6.5] },
      '+ (duration_disagrees)',
    ],
    ['all agree on too much', { durationS: 12, otherDurationsS: [11.9] }, '- duration_too_long'],
    [
      'one a little outside, one right',
      { durationS: 5.53, containerDurationS: 5.4 },
      '+ (duration_near)',
    ],
    [
      'an unknown rate gives half a frame at 24 fps',
      { fps: 0, durationS: 1.98 },
      '+ (fps_unknown)',
    ],
  ])('%s', (_sentence, change, expected) => {
    expect(summary(change)).toBe(expected);
  });
});

describe('whole verdict', () => {
  test('the verdict names every violation', () => {
    expect(summary({ width: 640, height: 360, fps: 25, durationS: 6 })).toBe(
      '- width_too_small height_too_small fps duration_gap',
    );
  });

  test('the verdict shows the value found and the rule', () => {
    const { violations } = judgeVideo(
      { ...GOOD, width: 640, fps: 25, durationS: 6.2, containerDurationS: 6.2 },
      { strictFps: false },
    );
    expect(violations.map((v) => v.message)).toEqual([
      'width 640 px; the API takes 720 to 2160 px',
      '25 fps; the API takes 24, 30 or 60 fps',
      'duration 6.20 s; the API takes 2 to 5.5 s or 7 to 10.5 s',
    ]);
  });

  test('the verdict never shows a duration outside a bound as the bound itself', () => {
    const { violations } = judgeVideo(
      { ...GOOD, durationS: 5.558, containerDurationS: 5.558 },
      { strictFps: false },
    );
    expect(violations[0]?.message).toContain('5.558 s');
  });

  test('the verdict passes the notes of the probe on as warnings', () => {
    expect(summary({ notes: [{ code: 'encrypted', message: 'encrypted' }] })).toBe('+ (encrypted)');
  });
});
