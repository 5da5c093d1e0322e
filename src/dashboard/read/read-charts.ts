import {
  type ActivityStep,
  RESOLUTIONS,
  type ResolutionName,
} from '../../lib/activity/activity-log.ts';
import type { Mark } from '../../lib/activity/timeline.ts';
import type { HistoryEntry } from '../../lib/store/batch-steering.ts';
import type { DashboardPorts } from '../ports.ts';

/** The periods that charts show, and their steps. */
export const SPANS = {
  '1h': { words: '1 h', lengthMs: 3_600_000, resolution: 'minutes' },
  '24h': { words: '24 h', lengthMs: 24 * 3_600_000, resolution: 'tens' },
  '7d': { words: '7 d', lengthMs: 7 * 24 * 3_600_000, resolution: 'hours' },
} as const satisfies Record<
  string,
  { words: string; lengthMs: number; resolution: ResolutionName }
>;

export type SpanName = keyof typeof SPANS;
/** `Object.keys` with typed names. */
export const SPAN_NAMES = Object.keys(SPANS) as SpanName[];

export interface Charted {
  span: SpanName;
  stepMs: number;
  /** Without gaps, oldest first; the last step is still running. */
  steps: ActivityStep[];
  /** Oldest first. */
  marks: Mark[];
}

/** Reads the values of charts, for one batch or, by default, for all. A fixed number of small reads. */
export async function readCharts(
  { activity, batchActivity, timeline, now }: DashboardPorts,
  wanted: string,
  batch: { id: string; history: Promise<readonly HistoryEntry[]> } | null = null,
): Promise<Charted> {
  const span = SPAN_NAMES.find((name) => name === wanted) ?? '1h';
  const { lengthMs, resolution } = SPANS[span];
  const nowMs = now();
  const [steps, marks, history] = await Promise.all([
    batch === null
      ? activity.readRecent(resolution, lengthMs, nowMs)
      : batchActivity.readRecent(batch.id, resolution, lengthMs, nowMs),
    timeline.read(nowMs - lengthMs),
    batch === null ? [] : batch.history,
  ]);
  const own = history.map(
    ({ atMs, who, what }): Mark => ({ atMs, kind: 'batch', what: `${who} ${what}` }),
  );
  const fromMs = steps[0]?.atMs ?? nowMs;
  return {
    span,
    stepMs: RESOLUTIONS[resolution].stepMs,
    steps,
    marks: [...marks, ...own]
      .filter(({ atMs }) => atMs >= fromMs)
      .toSorted((one, other) => one.atMs - other.atMs),
  };
}
