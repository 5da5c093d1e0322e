/** Consecutive frames of the same duration, as `stts` and `trun` list them. */
export interface FrameRun {
  count: number;
  /** In ticks of the track's clock. */
  ticks: number;
}

/** What the durations of a track's frames say about its rate. */
export interface FrameTiming {
  /** Average frames per second, without frames of duration 0 and without a stray first or last frame. */
  fps: number;
  /** Frames per second at the most common frame duration. */
  usualFps: number;
  /** Frame durations differ noticeably. */
  isVariable: boolean;
  /** Total duration of all frames, in seconds. */
  durationS: number;
}

/** Durations that differ by at most this share count as equal. */
const SAME_SHARE = 0.02;
/** A difference of one tick is rounding (33, 33, 34 ms) if a frame has at least this many ticks. */
const MIN_TICKS_TO_ROUND = 15;
/** Matroska counts milliseconds, and so do copies of it on any clock: 17, 17, 16 ms. */
const ROUNDED_S = 0.001;
/** A frame is stray if its duration differs from the usual one by more than this share, and by more than rounding. */
const STRAY_SHARE = 0.05;
/** A first or last frame that differs by more than this share does not count for the rate: muxers stretch both. */
const EDGE_SHARE = 0.5;
/** The rate varies from this many stray frames on, or from this share of all frames. */
const VARIABLE = { frames: 2, share: 0.02 } as const;

/**
 * Summarises a track's frames. Null when they say nothing: most or all frames have no duration. Muxers write some
 * frames of duration 0 (VLC's first two of a video with B-frames), so these never count.
 */
export function describeFrames(runs: readonly FrameRun[], timescale: number): FrameTiming | null {
  const timed = runs.filter(({ count, ticks }) => count > 0 && ticks > 0);
  const frames = countOf(timed);
  if (!(timescale > 0) || frames === 0 || frames * 2 < countOf(runs)) {
    return null;
  }
  const usualTicks = commonestTicks(timed, timescale);
  const reach = Math.max(usualTicks * STRAY_SHARE, roundingOf(usualTicks, timescale));
  const steady = withoutStrayEdges(timed, usualTicks);
  const inner = withoutEdges(timed);
  const strays = countOf(inner.filter(({ ticks }) => Math.abs(ticks - usualTicks) > reach));
  return {
    fps: (countOf(steady) * timescale) / ticksOf(steady),
    usualFps: timescale / usualTicks,
    isVariable: strays >= VARIABLE.frames || strays > countOf(inner) * VARIABLE.share,
    durationS: ticksOf(timed) / timescale,
  };
}

const countOf = (runs: readonly FrameRun[]): number =>
  runs.reduce((sum, { count }) => sum + count, 0);

const ticksOf = (runs: readonly FrameRun[]): number =>
  runs.reduce((sum, { count, ticks }) => sum + count * ticks, 0);

/** The mean of the largest group of nearly equal durations, so that a coarse clock still gives the true rate. */
function commonestTicks(runs: readonly FrameRun[], timescale: number): number {
  const durations = distinctDurations(runs);
  let best = (): readonly FrameRun[] => [];
  let bestCount = 0;
  for (const { group, count } of neighbourhoods(durations, timescale)) {
    if (count > bestCount) {
      best = group;
      bestCount = count;
    }
  }
  return ticksOf(best()) / bestCount;
}

/** For each duration, the durations that count as equal and the number of their frames; `durations` are sorted. */
function* neighbourhoods(durations: readonly FrameRun[], timescale: number) {
  let [start, end, count] = [0, 0, 0];
  for (const { ticks } of durations) {
    const reach = Math.max(ticks * SAME_SHARE, roundingOf(ticks, timescale));
    for (; (durations[end]?.ticks ?? Infinity) <= ticks + reach; end += 1) {
      count += durations[end]?.count ?? 0;
    }
    for (; (durations[start]?.ticks ?? Infinity) < ticks - reach; start += 1) {
      count -= durations[start]?.count ?? 0;
    }
    const [from, to] = [start, end];
    yield { group: () => durations.slice(from, to), count };
  }
}

/** Each duration once, shortest first. */
function distinctDurations(runs: readonly FrameRun[]): FrameRun[] {
  const counts = new Map<number, number>();
  for (const { count, ticks } of runs) {
    counts.set(ticks, (counts.get(ticks) ?? 0) + count);
  }
  return [...counts].map(([ticks, count]) => ({ ticks, count })).sort((a, b) => a.ticks - b.ticks);
}

/** By how many ticks a frame of this duration may be rounded. */
const roundingOf = (ticks: number, timescale: number): number =>
  ticks >= MIN_TICKS_TO_ROUND ? Math.max(1, timescale * ROUNDED_S) : 0;

/** Without the first and last frame, which may have any length. */
function withoutEdges(runs: readonly FrameRun[]): FrameRun[] {
  return withoutLast(withoutLast(runs).reverse()).reverse();
}

function withoutStrayEdges(runs: readonly FrameRun[], usual: number): readonly FrameRun[] {
  const isStray = (run: FrameRun | undefined): boolean =>
    run !== undefined && Math.abs(run.ticks - usual) > usual * EDGE_SHARE;
  const headless = isStray(runs[0]) ? withoutLast([...runs].reverse()).reverse() : runs;
  const steady = isStray(headless.at(-1)) ? withoutLast(headless) : headless;
  return countOf(steady) === 0 ? runs : steady;
}

function withoutLast(runs: readonly FrameRun[]): FrameRun[] {
  const last = runs.at(-1);
  const rest = runs.slice(0, -1);
  return last === undefined || last.count <= 1
    ? rest
    : [...rest, { ...last, count: last.count - 1 }];
}
