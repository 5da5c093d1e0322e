import type { Batch, BatchRef } from '../core/batch/batch.ts';
import type { ManifestRow } from '../core/manifest/manifest.ts';
import type { Outcome } from '../core/row/outcome.ts';
import { PENDING_STATES } from '../core/row/row.ts';
import { listWarnings, outcomeToShow } from '../report/kling-values.ts';
import type { Result } from '../results/read-results.ts';
import { createKeyReader, keyText } from '../rows/row-key.ts';
import { asText, cellsAsJson } from './cells-as-json.ts';

/** A row as a database has it; the same values as in a report. Times in ms since 1970. */
export interface ResultRecord {
  batch: BatchRef;
  row: number;
  /** The user's own key; null in a batch without key columns, and where they are empty. */
  key: string | null;
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

/**
 * One literal, so that all records have the same hidden class: with spread objects, every later reading of a column
 * took several times as long.
 */
export function toRecord(
  { batch, entry: { row, result, original }, position }: Omit<Result, 'isExpired'>,
  generation: number,
): ResultRecord {
  const shown: Shown = typeof result === 'string' ? PENDING : outcomeToShow(result, original);
  const { session = NO_SESSION, error = NO_ERROR, video = NO_VIDEO } = shown;
  const { durationS = null, width = null, height = null, fps = null } = video;
  return {
    batch,
    row: row.row,
    key: keyOf(batch, row),
    status: shown.status,
    sessionId: session.id,
    expiresAtMs: session.expiresAtMs,
    errorCode: error.code,
    error: error.message,
    warnings: listWarnings(shown),
    attempts: shown.attempts,
    requestId: shown.requestId ?? null,
    durationS,
    width,
    height,
    fps,
    units: shown.cost?.units ?? null,
    duplicateOf: shown.duplicateOf ?? null,
    finishedAtMs: shown.finishedAtMs,
    cells: cellsAsJson(batch.shape, row),
    revision: revisionOf(generation, position.event),
  };
}

const KEY_READERS = new WeakMap<Batch, ReturnType<typeof createKeyReader>>();

/** The rows of a page share the object of their batch. */
function keyOf(batch: Batch, row: ManifestRow): string | null {
  if (batch.key === null) return null;
  const readKey = KEY_READERS.get(batch) ?? createKeyReader(batch.shape, batch.key);
  KEY_READERS.set(batch, readKey);
  const values = readKey(row);
  return values && asText(keyText(values));
}

/** What a record shows of an outcome, or of a row that has none yet. */
type Shown = Omit<Outcome, 'status' | 'finishedAtMs'> & {
  status: string;
  finishedAtMs: number | null;
};

const PENDING: Shown = {
  status: PENDING_STATES[0],
  finishedAtMs: null,
  attempts: 0,
  warnings: [],
};
const NO_SESSION = { id: null, expiresAtMs: null };
const NO_ERROR = { code: null, message: null };
const NO_VIDEO: NonNullable<Outcome['video']> = {};
