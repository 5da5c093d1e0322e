/** The last attempt to write the report of a batch. */
export interface ReportAttempt {
  /** The end of the batch that it belongs to, in ms; null for a look at the place before the batch ends. */
  endedAtMs: number | null;
  atMs: number;
  /** `failed`: a worker tries again. `given_up`: only a person does. */
  result: 'written' | 'failed' | 'given_up';
  /** Why it was not written, one sentence; null when it was. */
  reason: string | null;
}

/** Where workers write the report of a batch when it ends. */
export interface BatchReport {
  /** A path, or an address without what may be secret in it. */
  place: string;
  /** Null before the first attempt. */
  last: ReportAttempt | null;
}

/** What a batch knows of its report. */
export interface Reported {
  report: BatchReport | null;
  /** Null while it has not ended, or after rows were queued again. */
  finishedAtMs: number | null;
}

/** The last attempt, unless the batch has ended again since, or is running again. */
const presentAttempt = ({ report, finishedAtMs }: Reported): ReportAttempt | null =>
  report?.last?.endedAtMs === finishedAtMs ? report.last : null;

/** Whether the report at the place is up to date. */
export const isReportWritten = (batch: Reported): boolean =>
  batch.finishedAtMs !== null && presentAttempt(batch)?.result === 'written';

/** The state of a batch's report in words. */
export interface ReportState {
  place: string;
  /** Continues after the place, such as `written`; or a sentence of its own when `isTrouble`. */
  words: string;
  isTrouble: boolean;
  /** When it was written; null when it was not. */
  writtenAtMs: number | null;
}

export function describeReport(batch: Reported): ReportState | null {
  const { report, finishedAtMs } = batch;
  if (report === null) return null;
  const { place } = report;
  const state = { place, isTrouble: false, writtenAtMs: null };
  const last = presentAttempt(batch);
  if (last === null) {
    const words = finishedAtMs === null ? 'written when the batch ends' : 'about to be written';
    return { ...state, words };
  }
  const { result, reason, atMs } = last;
  if (result === 'written') return { ...state, words: 'written', writtenAtMs: atMs };
  const next =
    finishedAtMs === null ? ' It is tried when the batch ends.' : ' A worker tries again.';
  const after = result === 'failed' ? next : '';
  return { ...state, words: `${reason ?? ''}${after}`, isTrouble: true };
}

/** Tries for one end of a batch; the last one is about six hours after the first. */
const TRIES = 40;
const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 600_000;
/** Trouble that ends by itself within half a minute causes no notice. */
const QUIET_TRIES = 2;

/**
 * What follows from a failed attempt: the pause before the next one, null for no further one, and whether a notice is
 * due. `attempt` counts from 1.
 */
export function decideReportRetry(
  attempt: number,
  isPassing: boolean,
): { pauseMs: number | null; isWorthNotice: boolean } {
  if (!isPassing || attempt >= TRIES) return { pauseMs: null, isWorthNotice: true };
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
  return { pauseMs, isWorthNotice: attempt > QUIET_TRIES };
}
