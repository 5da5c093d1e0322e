import type { Remark, Verdict, VideoFacts } from './video.ts';

/** Limits from the API page, "The call": width and height each, in px, inclusive. */
const SIDE_PX = { min: 720, max: 2160 } as const;
/** Limits from the API page, "The call": the two ranges of allowed durations, in seconds, inclusive. */
const DURATIONS_S = [
  { min: 2, max: 5.5 },
  { min: 7, max: 10.5 },
] as const;
const RATES_FPS = [24, 30, 60] as const;
/** 24000/1001 and similar: the 23.976, 29.97 and 59.94 fps of broadcast. */
const NTSC_FACTOR = 1000 / 1001;
/** ffprobe prints durations with six decimals. */
const PRINTED_DIGITS_S = 0.000001;
/** Half the distance between a rate and its NTSC variant, so that every rate nearby is one or the other. */
const RATE_TOLERANCE = 0.0005;
/** Matroska and its copies round both ends of a video to milliseconds. In seconds. */
const ROUNDED_S = 0.001 + PRINTED_DIGITS_S;
/** How far a rate may differ from an allowed one before it is certainly another, in frames per second. */
const RATE_DOUBT_FPS = 0.5;
/** Half a frame at the slowest rate, in seconds. Without a rate, a duration this close to a limit counts as on it. */
const UNKNOWN_RATE_GRACE_S = 0.5 / 24;
/**
 * How far outside a limit a duration is in doubt, in seconds. Muxers that write while they record stretch the first
 * frame by the start of the sound: up to two AAC frames, 46 ms at 44.1 kHz.
 */
const DURATION_DOUBT_S = 0.05;

const DURATION_RULE = 'the API takes 2 to 5.5 s or 7 to 10.5 s';
const SIZE_RULE = 'the API takes 720 to 2160 px';
const RATE_RULE = 'the API takes 24, 30 or 60 fps';

/**
 * Judges a video by the limits on the API page. Only a certain violation rejects it; anything in doubt is a warning,
 * and the API decides.
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

/** Whether the size alone would pass, for callers that can check more closely before they reject it. */
export function isSizeAllowed(facts: VideoFacts): boolean {
  return judgeSize(facts).violations.length === 0;
}

type Judged = Pick<Verdict, 'violations' | 'warnings'>;

const nothing: Judged = { violations: [], warnings: [] };
const violation = (...violations: Remark[]): Judged => ({ violations, warnings: [] });
const warning = (...warnings: Remark[]): Judged => ({ violations: [], warnings });

/**
 * The API page does not say whether anamorphic pixels count as stored or as shown, so a size is certainly wrong only
 * if it is wrong both ways.
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
    doubts.push({
      code: 'fps_unknown',
      message: `the file does not state its frame rate; ${RATE_RULE}`,
    });
  }
  if (isVariableFrameRate) {
    const message = `the frame rate varies; its average is ${formatFps(fps)} fps`;
    doubts.push({ code: 'fps_variable', message });
  }
  if (isUnknown || RATES_FPS.some((rate) => isClose(fps, rate) || isRounded(facts, rate))) {
    return warning(...doubts);
  }
  const near = nearRate(facts);
  if (near === null || strictFps) {
    const message = `${formatFps(fps)} fps; ${RATE_RULE}`;
    return { violations: [{ code: 'fps', message }], warnings: doubts };
  }
  return warning(...doubts, near);
}

function isClose(fps: number, rate: number): boolean {
  return Math.abs(fps - rate) <= rate * RATE_TOLERANCE;
}

/** Whether all frames together last as long as at this rate, as far as a clock of milliseconds can tell. */
const isRounded = ({ fps, durationS }: VideoFacts, rate: number): boolean =>
  durationS !== null && Math.abs(fps / rate - 1) * durationS <= ROUNDED_S;

const isInDoubt = (fps: number, rate: number): boolean => Math.abs(fps - rate) <= RATE_DOUBT_FPS;

/** Why a rate that is not one of the API's may still pass; null when it certainly does not. */
function nearRate({ fps, usualFps }: VideoFacts): Remark | null {
  const found = `${formatFps(fps)} fps`;
  const ntsc = RATES_FPS.find((rate) => isClose(fps, rate * NTSC_FACTOR));
  if (ntsc !== undefined) {
    return { code: 'fps_ntsc', message: `${found} counts as ${ntsc} fps` };
  }
  const near = RATES_FPS.find((rate) => isInDoubt(fps, rate));
  if (near !== undefined) {
    return { code: 'fps_near', message: `${found} counts as ${near} fps` };
  }
  const usual = RATES_FPS.find((rate) => usualFps !== undefined && isInDoubt(usualFps, rate));
  const message = `${found} on average; most frames are as long as at ${usual} fps`;
  return usual === undefined ? null : { code: 'fps_near', message };
}

function judgeDuration(facts: VideoFacts): Judged {
  const { durationS, containerDurationS, otherDurationsS = [], fps } = facts;
  if (durationS === null) {
    const message = `the file does not state its duration; ${DURATION_RULE}`;
    return warning({ code: 'duration_unknown', message });
  }
  const graceS = (fps > 0 ? 0.5 / fps : UNKNOWN_RATE_GRACE_S) + PRINTED_DIGITS_S;
  const told = [durationS, containerDurationS ?? durationS, ...otherDurationsS];
  if (told.every((seconds) => isAllowedDuration(seconds, graceS))) {
    return nothing;
  }
  const found = `${formatSeconds(durationS)} s`;
  const doubtS = Math.max(graceS, DURATION_DOUBT_S);
  if (!told.some((seconds) => isAllowedDuration(seconds, doubtS))) {
    const message = `duration ${found}; ${DURATION_RULE}`;
    return violation({ code: durationCode(durationS), message });
  }
  if (told.every((seconds) => isAllowedDuration(seconds, doubtS))) {
    const outside = told.find((seconds) => !isAllowedDuration(seconds, graceS)) ?? durationS;
    const message = `duration ${formatSeconds(outside)} s, just outside; ${DURATION_RULE}`;
    return warning({ code: 'duration_near', message });
  }
  return warning({ code: 'duration_disagrees', message: describeDurations(facts) });
}

function describeDurations({ durationS, containerDurationS, otherDurationsS = [] }: VideoFacts) {
  const seconds = (value: number | null) => `${formatSeconds(value ?? durationS ?? 0)} s`;
  const track = `the video track lasts ${seconds(durationS)}, the file ${seconds(containerDurationS)}`;
  const shown = new Set([seconds(durationS), seconds(containerDurationS)]);
  const others = [...new Set(otherDurationsS.map(seconds))].filter((text) => !shown.has(text));
  const rest = others.length === 0 ? '' : `, its tables say ${others.join(' and ')}`;
  return `${track}${rest}; ${DURATION_RULE}`;
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

/** Three digits, so that a value just outside a bound never looks like the bound; no trailing zeros. */
function formatSeconds(seconds: number): string {
  const text = seconds.toFixed(3);
  return text.endsWith('0') ? seconds.toFixed(2) : text;
}

function formatFps(fps: number): string {
  return String(Number(fps.toFixed(3)));
}
