import type { BatchRef } from '../core/batch/batch.ts';
import type { ManifestShape } from '../core/manifest/manifest.ts';
import { PENDING_STATES } from '../core/row/row.ts';
import { listWarnings, outcomeToShow } from '../report/kling-values.ts';
import type { ReportEntry } from '../report/report-formatter.ts';
import type { Result } from '../results/read-results.ts';
import { cellsAsJson } from './cells-as-json.ts';

/** A row as a database has it; the same values as in a report. Times in ms since 1970. */
export interface ResultRecord {
  batch: BatchRef;
  row: number;
  /** `waiting` until the row has ended: the steps between are not followed. */
  status: string;
  sessionId: string | null;
  expiresAtMs: number | null;
  errorCode: string | null;
  error: string | null;
  warnings: string | null;
  attempts: number;
  requestId: string | null;
  durationS: number | null;
  width: number | null;
  height: number | null;
  fps: number | null;
  /** What its calls cost, in the units of the API. */
  units: number | null;
  duplicateOf: number | null;
  finishedAtMs: number | null;
  /** The user's own columns, as the text of a JSON object. */
  cells: string | null;
  /** A later change of a row has a greater one. */
  revision: bigint;
}

/** Events are numbered below this, so that a later generation is always the later revision. */
const EVENTS_OF_GENERATION = 2n ** 40n;

const revisionOf = (generation: number, event: number): bigint =>
  BigInt(generation) * EVENTS_OF_GENERATION + BigInt(event);

export const toRecord = ({ batch, entry, position }: Result, generation: number): ResultRecord => ({
  batch: { id: batch.id, incarnation: batch.incarnation },
  row: entry.row.row,
  ...describeEntry(batch.shape, entry),
  revision: revisionOf(generation, position.event),
});

function describeEntry(
  shape: ManifestShape,
  { row, result, original }: ReportEntry,
): Omit<ResultRecord, 'batch' | 'row' | 'revision'> {
  const cells = cellsAsJson(shape, row);
  if (typeof result === 'string') return { ...NOTHING, cells };
  const shown = outcomeToShow(result, original);
  return {
    status: shown.status,
    sessionId: shown.session?.id ?? null,
    expiresAtMs: shown.session?.expiresAtMs ?? null,
    errorCode: shown.error?.code ?? null,
    error: shown.error?.message ?? null,
    warnings: listWarnings(shown),
    attempts: shown.attempts,
    requestId: shown.requestId ?? null,
    durationS: shown.video?.durationS ?? null,
    width: shown.video?.width ?? null,
    height: shown.video?.height ?? null,
    fps: shown.video?.fps ?? null,
    units: shown.cost?.units ?? null,
    duplicateOf: shown.duplicateOf ?? null,
    finishedAtMs: shown.finishedAtMs,
    cells,
  };
}

const NOTHING = {
  status: PENDING_STATES[0],
  sessionId: null,
  expiresAtMs: null,
  errorCode: null,
  error: null,
  warnings: null,
  attempts: 0,
  requestId: null,
  durationS: null,
  width: null,
  height: null,
  fps: null,
  units: null,
  duplicateOf: null,
  finishedAtMs: null,
};
