import { parse } from 'lossless-json';
import { formatPosition } from '../../lib/core/feed/position.ts';
import type { Outcome } from '../../lib/core/row/outcome.ts';
import { listWarnings, outcomeToShow } from '../../lib/report/kling-values.ts';
import { uniqueNames, userCells, userJson } from '../../lib/report/user-cells.ts';
import type { Result } from '../../lib/results/read-results.ts';
import type { RowResult } from './row-result.ts';

/** A `duplicate` shows the session of the row that it repeats. */
export function toRowResult({ position, batch, entry, isExpired }: Result): RowResult {
  const { row, result } = entry;
  const place = {
    position: formatPosition(position),
    batchId: batch.id,
    row: row.row,
    cells: cellsOf({ batch, entry }),
    isExpired,
  };
  if (typeof result === 'string') return { ...place, ...NOTHING, status: result };
  return { ...place, ...describe(outcomeToShow(result, entry.original)) };
}

type Described = Omit<RowResult, 'position' | 'batchId' | 'row' | 'cells' | 'isExpired'>;

const NOTHING: Omit<Described, 'status'> = {
  session: null,
  error: null,
  warnings: null,
  attempts: 0,
  requestId: null,
  video: null,
  duplicateOf: null,
  finishedAt: null,
};

const describe = (outcome: Outcome): Described => ({
  status: outcome.status,
  session: outcome.session
    ? { id: outcome.session.id, expiresAt: new Date(outcome.session.expiresAtMs) }
    : null,
  error: outcome.error ?? null,
  warnings: listWarnings(outcome),
  attempts: outcome.attempts,
  requestId: outcome.requestId ?? null,
  video: outcome.video ?? null,
  duplicateOf: outcome.duplicateOf ?? null,
  finishedAt: new Date(outcome.finishedAtMs),
});

function cellsOf({
  batch: { shape },
  entry: { row },
}: Pick<Result, 'batch' | 'entry'>): Record<string, unknown> {
  const json = userJson(shape, row);
  if (json !== null) return parse(json, undefined, numberOf) as Record<string, unknown>;
  if (shape.format === 'jsonl') return { kling_line: row.cells[0] ?? '' };
  const cells = userCells(shape, row);
  const names = uniqueNames(shape.columns, Math.max(cells.length, shape.columns.length));
  return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
}

const numberOf = (text: string): number | string =>
  String(Number(text)) === text ? Number(text) : text;
