import type { BatchRef } from '../../lib/core/batch/batch.ts';
import { type Position, parsePosition } from '../../lib/core/feed/position.ts';
import { refuseRequest } from '../../lib/requests/unusable-request.ts';
import { firstPosition, followResults } from '../../lib/results/follow-results.ts';
import { type Result, readResults } from '../../lib/results/read-results.ts';
import { neverAborted } from '../connection/abortable.ts';
import { findBatch } from '../find-batch.ts';
import type { Stores } from '../wiring/stores.ts';
import type { ResultsOptions } from './results-options.ts';
import type { RowResult } from './row-result.ts';
import { toRowResult } from './to-row-result.ts';

/** See `Connection.results`. */
export async function* results(stores: Stores, options: ResultsOptions): AsyncGenerator<RowResult> {
  const { batchId, follow = false, signal = neverAborted() } = options;
  const from = positionOf(options.after ?? null);
  const batch = batchId === undefined ? null : await findBatch(stores.store, batchId);
  const pages = follow
    ? followResults(stores, { from, batch, signal })
    : readToEnd(stores, batch, from);
  for await (const page of pages) yield* page.map(toRowResult);
}

function positionOf(after: string | null): Position | null {
  const position = after === null ? null : parsePosition(after);
  if (after === null || position !== null) return position;
  throw refuseRequest('after', 'after: use the `position` of a row, for example 812-44.');
}

const ROWS_AT_ONCE = 500;

async function* readToEnd(
  stores: Stores,
  batch: BatchRef | null,
  after: Position | null,
): AsyncGenerator<Result[]> {
  let from = after ?? (await firstPosition(stores, batch));
  while (from !== null) {
    const page = await readResults(stores, { from, batch, limit: ROWS_AT_ONCE });
    yield page.results;
    from = page.isAtEnd ? null : page.next;
  }
}
