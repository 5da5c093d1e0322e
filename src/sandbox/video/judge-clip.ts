/** What ffprobe reports about a downloaded video. */
export interface ClipFacts {
  /** ffprobe's `format_name`, a comma-separated list of demuxer names. */
  formatName: string;
  width: number;
  height: number;
  /** Average rate in frames per second. */
  fps: number;
  durationS: number;
}

const MIN_SIDE_PX = 720;
const MAX_SIDE_PX = 2160;
const RATES_FPS = [24, 30, 60];
/** Wide enough for the NTSC rates (24, 30 and 60 divided by 1.001), which Kling accepts. */
const RATE_TOLERANCE = 0.002;
const DURATION_RANGES_S = [
  [2, 5.5],
  [7, 10.5],
] as const;

/**
 * Every documented rule that the video breaks, as sentences; empty when Kling would accept it (API page, "The call").
 * It shares no code with the worker's judgement on purpose: a practice API that agrees by construction would prove
 * nothing.
 */
export function judgeClip(facts: ClipFacts): string[] {
  const violations: string[] = [];
  const graceS = facts.fps > 0 ? 0.5 / facts.fps : 0;
  if (!facts.formatName.split(',').includes('mp4')) {
    violations.push(`the container is ${facts.formatName}; only MP4 and MOV are supported`);
  }
  for (const side of ['width', 'height'] as const) {
    if (facts[side] < MIN_SIDE_PX || facts[side] > MAX_SIDE_PX) {
      violations.push(
        `${side} is ${facts[side]} px; it must be ${MIN_SIDE_PX} to ${MAX_SIDE_PX} px`,
      );
    }
  }
  if (!RATES_FPS.some((rate) => Math.abs(facts.fps - rate) <= rate * RATE_TOLERANCE)) {
    violations.push(`the frame rate is ${facts.fps.toFixed(3)}; it must be 24, 30 or 60 fps`);
  }
  const isWithin = ([min, max]: readonly [number, number]) =>
    facts.durationS >= min - graceS && facts.durationS <= max + graceS;
  if (!DURATION_RANGES_S.some(isWithin)) {
    violations.push(
      `the duration is ${facts.durationS.toFixed(3)} s; it must be 2 to 5.5 s or 7 to 10.5 s`,
    );
  }
  return violations;
}
