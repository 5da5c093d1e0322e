import type { Outcome } from '../../../core/row/outcome.ts';
import { markOf } from '../../../core/row/row-mark.ts';
import { sessionBucket } from '../../../core/time-buckets.ts';
import type { AppendOptions, Chunk } from '../../batch-store.ts';
import { packKept } from './pack-kept.ts';
import { MARK_BYTES, packMark } from './pack-mark.ts';
import { packOutcome } from './pack-outcome.ts';
import { countedCode } from './pack-record.ts';
import { packRows } from './pack-rows.ts';
import { digestSource } from './source-digest.ts';

/** A chunk as `append-chunk.lua` takes it. */
export async function packChunk(chunk: Chunk, { afterCancel = false }: AppendOptions) {
  const { index, rows, outcomes, sharedUrls } = chunk;
  const firstRow = rows[0]?.row ?? 1;
  const widest = rows.reduce((width, { cells }) => Math.max(width, cells.length), 0);
  const digests = sharedUrls.map((videoUrl) => digestSource({ kind: 'url', videoUrl }).digest);
  const kept = new Map<number, Outcome>();
  const known: { row: number; outcome: string }[] = [];
  for (const [row, outcome] of outcomes) {
    if (outcome.keptFrom) kept.set(row, outcome);
    else known.push({ row, outcome: packOutcome(outcome) });
  }
  return {
    index,
    firstRow,
    packedRows: await packRows(rows),
    rows: rows.length,
    widest,
    afterCancel: afterCancel ? '1' : '',
    sharedDigests: JSON.stringify(digests),
    keptRows: kept.size === 0 ? '' : packKept(kept),
    marksOfEnded: packMarks(outcomes, firstRow),
    counts: JSON.stringify(countOutcomes(outcomes.values())),
    known,
  };
}

/** Up to the last row that has an outcome. */
function packMarks(outcomes: ReadonlyMap<number, Outcome>, firstRow: number): Buffer {
  let last = firstRow - 1;
  for (const row of outcomes.keys()) last = Math.max(last, row);
  const marks = Buffer.alloc((last - firstRow + 1) * MARK_BYTES);
  for (const [row, outcome] of outcomes) {
    packMark(markOf(outcome)).copy(marks, (row - firstRow) * MARK_BYTES);
  }
  return marks;
}

/** How many outcomes belong to each counter; for an error, with its first message. */
function countOutcomes(outcomes: Iterable<Outcome>) {
  const statuses = new Map<string, number>();
  const sessions = new Map<string, number>();
  const errors = new Map<string, [count: number, message: string]>();
  for (const outcome of outcomes) {
    const { status, session, error } = outcome;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    const bucket = session && String(sessionBucket(session.expiresAtMs));
    if (bucket) sessions.set(bucket, (sessions.get(bucket) ?? 0) + 1);
    const code = countedCode(outcome);
    const [count, message] = errors.get(code) ?? [0, error?.message ?? ''];
    if (code !== '') errors.set(code, [count + 1, message]);
  }
  return {
    statuses: [...statuses],
    sessions: [...sessions],
    errors: Array.from(errors, ([code, counted]) => [code, ...counted]),
  };
}
