import type { Remark, Verdict, VideoFacts } from './video.ts';

/** Bounds of the API page, "The call": width and height each, in px, inclusive. */
const SIDE_PX = { min: 720, max: 2160 } as const;
/** Bounds of the API page, "The call": the two stretches of allowed durations, in seconds, inclusive. */
const DURATIONS_S = [
  { min: 2, max: 5.5 },
  { min: 7, max: 10.5 },
] as const;
const RATES_FPS = [24, 30, 60] as const;
/** 24000/1001 and its kin: broadcast's 23.976, 29.97 and 59.94 fps. */
const NTSC_FACTOR = 1000 / 1001;
/** Half the distance between a rate and its NTSC sibling, so that every rate nearby is one or the other. */
const RATE_TOLERANCE = 0.0005;
/** How far the average of a variable rate may lie from a rate that the API takes. */
const VARIABLE_RATE_TOLERANCE = 0.01;
/** Frames that a clip may have more or fewer than its rate times its duration: a long or missing last frame. */
const STRAY_FRAMES = 1.05;
/** Grace at the bounds of duration when the rate is unknown: half a frame at the slowest rate, in seconds. */
const UNKNOWN_RATE_GRACE_S = 0.5 / 24;
/** ffprobe prints durations with six digits. */
const PRINTED_DIGITS_S = 0.000001;

const DURATION_RULE = 'the API takes 2 to 5.5 s or 7 to 10.5 s';
const SIZE_RULE = 'the API takes 720 to 2160 px';
const RATE_RULE = 'the API takes 24, 30 or 60 fps';

/**
 * Judges a video by the API page's bounds. A violation is certain; whatever leaves room for doubt
 * is a warning, and the API decides.
 */
export function judgeVideo(facts: VideoFacts, options: { strictFps: boolean }): Verdict {
  const judged = [judgeSize(facts), judgeRate(facts, options.strictFps), judgeDuration(facts)];
  const violations = judged.flatMap((part) => part.violations);
  const warnings = judged.flatMap((part) => part.warnings);
  return {
    isAccepted: violations.length === 0,
    violations,
    warnings: [...warnings, ...facts.notes],
  };
}

/** Whether the size alone would pass, for callers who can look closer before they call it wrong. */
export function isSizeAllowed(facts: VideoFacts): boolean {
  return judgeSize(facts).violations.length === 0;
}

type Judged = Pick<Verdict, 'violations' | 'warnings'>;

const nothing: Judged = { violations: [], warnings: [] };
const violation = (...violations: Remark[]): Judged => ({ violations, warnings: [] });
const warning = (...warnings: Remark[]): Judged => ({ violations: [], warnings });

/**
 * The API page does not say whether anamorphic pixels count as stored or as shown, so a size is
 * certainly wrong only when it is wrong both ways.
 */
function judgeSize(facts: VideoFacts): Judged {
  const { width, height, pixelAspectRatio = 1 } = facts;
  const stored = sideViolations(width, height);
  if (pixelAspectRatio === 1) {
    return violation(...stored);
  }
  const shownWidth = Math.round(width * pixelAspectRatio);
  const shown = sideViolations(shownWidth, height);
  if (stored.length > 0 && shown.length > 0) {
    return violation(...stored);
  }
  const sizes = `stored as ${width} × ${height} px, shown as ${shownWidth} × ${height} px`;
  const doubt = stored.length + shown.length > 0 ? `; ${SIZE_RULE} for each side` : '';
  return warning({ code: 'anamorphic', message: `pixels are not square: ${sizes}${doubt}` });
}

function sideViolations(width: number, height: number): Remark[] {
  const sides = [
    { name: 'width', px: width },
    { name: 'height', px: height },
  ];
  return sides
    .filter(({ px }) => px < SIDE_PX.min || px > SIDE_PX.max)
    .map(({ name, px }) => ({
      code: `${name}_${px < SIDE_PX.min ? 'too_small' : 'too_large'}`,
      message: `${name} ${px} px; ${SIZE_RULE}`,
    }));
}

function judgeRate(facts: VideoFacts, strictFps: boolean): Judged {
  const { fps, isVariableFrameRate } = facts;
  const isUnknown = !(fps > 0);
  const doubts: Remark[] = [];
  if (isUnknown) {
    doubts.push({ code: 'fps_unknown', message: `the file does not tell its rate; ${RATE_RULE}` });
  }
  if (isVariableFrameRate) {
    const message = `the frame rate varies; its average is ${formatFps(fps)} fps`;
    doubts.push({ code: 'fps_variable', message });
  }
  if (isUnknown || RATES_FPS.some((rate) => isClose(fps, rate))) {
    return warning(...doubts);
  }
  const near = RATES_FPS.find((rate) => countsAs(facts, rate));
  const found = `${formatFps(fps)} fps`;
  if (near === undefined || strictFps) {
    return { violations: [{ code: 'fps', message: `${found}; ${RATE_RULE}` }], warnings: doubts };
  }
  return warning(...doubts, {
    code: isClose(fps, near * NTSC_FACTOR) ? 'fps_ntsc' : 'fps_near',
    message: `${found} counts as ${near} fps`,
  });
}

function isClose(fps: number, rate: number): boolean {
  return Math.abs(fps - rate) <= rate * RATE_TOLERANCE;
}

function countsAs({ fps, durationS, isVariableFrameRate }: VideoFacts, rate: number): boolean {
  const difference = Math.abs(fps - rate);
  // Below half a frame per second no two rates can be mistaken for each other, however short the clip.
  const hasStrayFrame = difference <= 0.5 && difference * (durationS ?? 0) <= STRAY_FRAMES;
  return (
    isClose(fps, rate * NTSC_FACTOR) ||
    (hasStrayFrame && durationS !== null) ||
    (isVariableFrameRate && difference <= rate * VARIABLE_RATE_TOLERANCE)
  );
}

function judgeDuration(facts: VideoFacts): Judged {
  const { durationS, containerDurationS, fps } = facts;
  if (durationS === null) {
    const message = `the file does not tell its duration; ${DURATION_RULE}`;
    return warning({ code: 'duration_unknown', message });
  }
  const graceS = (fps > 0 ? 0.5 / fps : UNKNOWN_RATE_GRACE_S) + PRINTED_DIGITS_S;
  const isTrackRight = isAllowedDuration(durationS, graceS);
  const isContainerRight = isAllowedDuration(containerDurationS ?? durationS, graceS);
  if (isTrackRight && isContainerRight) {
    return nothing;
  }
  const found = `${formatSeconds(durationS)} s`;
  if (!isTrackRight && !isContainerRight) {
    const message = `duration ${found}; ${DURATION_RULE}`;
    return violation({ code: durationCode(durationS), message });
  }
  const container = `${formatSeconds(containerDurationS ?? durationS)} s`;
  const message = `the video track lasts ${found}, the file ${container}; ${DURATION_RULE}`;
  return warning({ code: 'duration_disagrees', message });
}

function isAllowedDuration(durationS: number, graceS: number): boolean {
  return DURATIONS_S.some(({ min, max }) => durationS >= min - graceS && durationS <= max + graceS);
}

function durationCode(durationS: number): string {
  if (durationS < DURATIONS_S[0].min) {
    return 'duration_too_short';
  }
  return durationS > DURATIONS_S[1].max ? 'duration_too_long' : 'duration_gap';
}

/** Three digits, so that a value just outside a bound never looks as if it stood on it; no idle zeros. */
function formatSeconds(seconds: number): string {
  const text = seconds.toFixed(3);
  return text.endsWith('0') ? seconds.toFixed(2) : text;
}

function formatFps(fps: number): string {
  return String(Number(fps.toFixed(3)));
}
