import type { OpenedSession } from '../answer/api-failure.ts';
import { costOf } from '../budget/cost.ts';
import type { Remark } from '../video/video.ts';
import { type Outcome, USUAL_STATUS } from './outcome.ts';
import type { OutcomeStatus } from './row.ts';
import type { RowProgress } from './row-progress.ts';

/** Kling: a session is valid for 24 hours. */
export const SESSION_LIFETIME_MS = 24 * 3_600_000;

const ORIGIN = 'the session is that of row';

/** The warnings of a row apart from the one that names where a reused session comes from. */
export const withoutOrigin = ({ warnings }: Outcome): string[] =>
  warnings.filter((warning) => !warning.startsWith(ORIGIN));

/** A live session that another row has. */
export interface LiveSession {
  session: NonNullable<Outcome['session']>;
  batchId: string;
  row: number;
}

/** How a row ended, before it becomes an outcome. */
export type Ending =
  | { kind: 'session'; session: OpenedSession }
  | { kind: 'reused'; live: LiveSession }
  | {
      kind: 'no_session';
      status: Exclude<OutcomeStatus, 'succeeded' | 'reused' | 'duplicate'>;
      code: string;
      message: string;
      requestId?: string | null;
      httpStatus?: number | null;
      /** The API's own judgement of this row, which always counts. */
      isRefusal?: boolean;
    };

/** Whether an ending counts even if another worker has the row. */
export const isLastWord = (ending: Ending): boolean =>
  ending.kind === 'session' || (ending.kind === 'no_session' && ending.isRefusal === true);

/** `progress` is the row's latest; null if it never got further than dispatch. */
export function composeOutcome(
  ending: Ending,
  progress: RowProgress | null,
  nowMs: number,
): Outcome {
  const common = {
    finishedAtMs: nowMs,
    attempts: progress?.attempts ?? 0,
    warnings: progress?.warnings ?? [],
    ...(progress?.video && { video: progress.video }),
    ...(progress &&
      progress.failedAttempts.length > 0 && {
        failedAttempts: progress.failedAttempts,
      }),
    ...(progress && progress.lostCalls > 0 && { possibleOrphans: progress.lostCalls }),
    ...unclearCallsOf(ending, progress),
  };
  if (ending.kind === 'session') {
    const { sessionId, requestId, httpStatus, details } = ending.session;
    const cost = costOf(details);
    return {
      ...common,
      status: 'succeeded',
      session: { id: sessionId, expiresAtMs: nowMs + SESSION_LIFETIME_MS },
      ...(requestId !== null && { requestId }),
      ...(httpStatus !== USUAL_STATUS && { httpStatus }),
      ...(cost && { cost }),
      ...videoOf(progress, details),
    };
  }
  if (ending.kind === 'reused') {
    const { session, batchId, row } = ending.live;
    const origin = `${ORIGIN} ${row} of batch ${batchId}`;
    return { ...common, status: 'reused', session, warnings: [...common.warnings, origin] };
  }
  return {
    ...common,
    status: ending.status,
    error: { code: ending.code, message: ending.message },
    ...(ending.requestId != null && { requestId: ending.requestId }),
    ...(ending.httpStatus != null && { httpStatus: ending.httpStatus }),
  };
}

/** A call whose answer names the session of another row may also have opened one. */
function unclearCallsOf(
  ending: Ending,
  progress: RowProgress | null,
): Pick<Outcome, 'unclearCalls'> {
  const { lostCallTimes = [], callBeganMs = null } = progress ?? {};
  const isRepeated = ending.kind === 'no_session' && ending.code === SESSION_REPEATED;
  const times = [...lostCallTimes, ...(isRepeated && callBeganMs !== null ? [callBeganMs] : [])];
  return times.length === 0 ? {} : { unclearCalls: times };
}

/** The probe's values, or the API's own for a row without a file to probe. */
function videoOf(
  progress: RowProgress | null,
  details: OpenedSession['details'],
): Pick<Outcome, 'video'> {
  if (progress?.video) return {};
  const { original_duration, width, height, fps } = details;
  const video: NonNullable<Outcome['video']> = {};
  const duration = positive(original_duration);
  if (duration !== null) video.durationS = duration > 100 ? duration / 1000 : duration;
  if (positive(width) !== null) video.width = Number(width);
  if (positive(height) !== null) video.height = Number(height);
  if (positive(fps) !== null) video.fps = Number(fps);
  return Object.keys(video).length === 0 ? {} : { video };
}

function positive(value: string | number | undefined): number | null {
  const number = Number(value ?? Number.NaN);
  return Number.isFinite(number) && number > 0 ? number : null;
}

const SESSION_REPEATED = 'session_repeated';

/** Two rows cannot share a session: the earlier row keeps it, and the later one may be retried. */
export const repeatedSession = (
  { sessionId, requestId, httpStatus }: OpenedSession,
  byRow: number,
): Ending => ({
  kind: 'no_session',
  status: 'unconfirmed',
  code: SESSION_REPEATED,
  message: `The API answered with session ${sessionId}, which row ${byRow} already has. This row may have a session of its own, whose id is unknown.`,
  requestId,
  httpStatus,
  isRefusal: true,
});

/** A rejection names every broken rule, not only the first. */
export const rejection = (violations: Remark[]): Ending => ({
  kind: 'no_session',
  status: 'rejected',
  code: violations[0]?.code ?? 'rejected',
  message: violations.map(({ message }) => message).join('; '),
});
