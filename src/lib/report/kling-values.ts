import { sourceOf } from '../core/manifest/check-row.ts';
import type { ManifestRow, ManifestShape } from '../core/manifest/manifest.ts';
import { requestBody, type Source } from '../core/manifest/source.ts';
import { describeRenewal } from '../core/renewal/renewal-progress.ts';
import type { Outcome } from '../core/row/outcome.ts';
import type { ReportEntry, ReportLine } from './report-formatter.ts';

/** The columns that a report adds after the user's own, in this order (command-line page, "The report"). */
export const KLING_COLUMNS = [
  'kling_row',
  'kling_status',
  'kling_session_id',
  'kling_expires_at',
  'kling_error_code',
  'kling_error',
  'kling_warnings',
  'kling_attempts',
  'kling_request_id',
  'kling_duration_s',
  'kling_width',
  'kling_height',
  'kling_fps',
  'kling_duplicate_of',
  'kling_finished_at',
  'kling_units',
  'kling_balance',
  'kling_batch',
  'kling_unclear_calls',
  'kling_sent',
] as const;

export type KlingColumn = (typeof KLING_COLUMNS)[number];
export type KlingValues = Record<KlingColumn, string | number | null>;

/** The columns that quote other programs: the API, a file server, the user's own cells. */
export const QUOTING_COLUMNS: ReadonlySet<KlingColumn> = new Set<KlingColumn>([
  'kling_session_id',
  'kling_error_code',
  'kling_error',
  'kling_warnings',
  'kling_request_id',
]);

/** The values of a row in a report; null for an empty cell. Times are ISO 8601 in UTC. `shape`: of its manifest. */
export function toKlingValues(entry: ReportLine, shape: ManifestShape): KlingValues {
  if ('missing' in entry) return { ...NOT_IMPORTED, kling_error: entry.missing };
  const { row, result, batchId = null } = entry;
  const place = { kling_row: row.row, kling_batch: batchId };
  if (typeof result === 'string') {
    return { ...NOTHING, ...describeLost(entry, shape), ...place, kling_status: result };
  }
  const shown = outcomeToShow(result, entry.original);
  return {
    ...NOTHING,
    ...describeSession(shown),
    ...describeVideo(shown),
    ...describeUnclear(shown, row, shape),
    ...place,
    kling_status: shown.status,
    kling_error_code: shown.error?.code ?? null,
    kling_error: shown.error?.message ?? null,
    kling_warnings: listWarnings(shown),
    kling_attempts: shown.attempts,
    kling_request_id: shown.requestId ?? null,
    kling_duplicate_of: shown.duplicateOf ?? null,
    kling_finished_at: toIso(shown.finishedAtMs),
    kling_units: shown.cost?.units ?? null,
    kling_balance: shown.cost?.balance ?? null,
  };
}

function describeSession({ session }: Outcome): Partial<KlingValues> {
  if (!session) return {};
  return { kling_session_id: session.id, kling_expires_at: toIso(session.expiresAtMs) };
}

function describeVideo({ video }: Outcome): Partial<KlingValues> {
  return {
    kling_duration_s: video?.durationS ?? null,
    kling_width: video?.width ?? null,
    kling_height: video?.height ?? null,
    kling_fps: video?.fps ?? null,
  };
}

/** A row under way may wait for a long time, for example after an interruption. */
function describeLost(
  { row, lost, callBeganMs }: ReportEntry,
  shape: ManifestShape,
): Partial<KlingValues> {
  if (lost === undefined && callBeganMs === undefined) return {};
  const { lostCalls, lostCallTimes } = lost ?? { lostCalls: 0, lostCallTimes: [] };
  const times = callBeganMs ? [...lostCallTimes, callBeganMs] : lostCallTimes;
  const unclear = times.length > 0 ? { unclearCalls: times } : {};
  const warnings = callBeganMs === undefined ? [] : [CALL_UNDER_WAY];
  return {
    ...describeUnclear(unclear, row, shape),
    kling_warnings: listWarnings({ warnings, possibleOrphans: lostCalls }),
  };
}

const CALL_UNDER_WAY = 'a call has begun and has no answer yet: it may have opened a session';

/** A person can use this to check with the provider whether a session exists. */
function describeUnclear(
  { unclearCalls }: Pick<Outcome, 'unclearCalls'>,
  row: ManifestRow,
  shape: ManifestShape,
): Partial<KlingValues> {
  if (unclearCalls === undefined) return {};
  return {
    kling_unclear_calls: unclearCalls.map(toIso).join('; '),
    kling_sent: describeSent(sourceOf(shape, row)),
  };
}

/** The body of the calls for a row, as JSON; null for a malformed row. `SEND_TASK_ID=never` leaves out `task_id`. */
export const describeSent = (source: Source | null): string | null =>
  source && JSON.stringify(requestBody(source, 'always'));

/** A duplicate shows the outcome of the row it repeats, with its own status and number of calls. */
export function outcomeToShow(outcome: Outcome, original: Outcome | null): Outcome {
  return outcome.status === 'duplicate' && original ? inherit(outcome, original) : outcome;
}

function inherit(duplicate: Outcome, original: Outcome): Outcome {
  const {
    possibleOrphans: _,
    failedAttempts: __,
    httpStatus: ___,
    cost: ____,
    unclearCalls: _____,
    renewal: ______,
    ...shared
  } = original;
  const { status, attempts, duplicateOf } = duplicate;
  return {
    ...shared,
    status,
    attempts,
    finishedAtMs: Math.max(duplicate.finishedAtMs, original.finishedAtMs),
    ...(duplicateOf === undefined ? {} : { duplicateOf }),
  };
}

/** Also names sessions that may exist beside the recorded one, and the row whose session an unchanged row keeps. */
export function listWarnings(
  outcome: Pick<Outcome, 'warnings' | 'possibleOrphans' | 'keptFrom' | 'renewal'>,
): string | null {
  const { warnings, possibleOrphans = 0, keptFrom, renewal } = outcome;
  if (warnings.length === 0 && possibleOrphans === 0 && !keptFrom && !renewal) return null;
  const notRenewed = describeRenewal(outcome);
  const all = [
    ...warnings,
    ...(keptFrom ? [`unchanged since row ${keptFrom.row} of batch ${keptFrom.batchId}`] : []),
    ...(notRenewed === null ? [] : [notRenewed]),
    ...(possibleOrphans > 0 ? [orphanWarning(possibleOrphans)] : []),
  ];
  return all.length === 0 ? null : all.join('; ');
}

function orphanWarning(count: number): string {
  return count === 1
    ? '1 other session may exist: a call got no clear answer'
    : `${count} other sessions may exist: calls got no clear answer`;
}

function toIso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

const NOTHING = Object.fromEntries(KLING_COLUMNS.map((column) => [column, null])) as KlingValues;

const NOT_IMPORTED: KlingValues = {
  ...NOTHING,
  kling_status: 'not_imported',
  kling_error_code: 'manifest_not_read_to_end',
};
