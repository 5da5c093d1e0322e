import type { BatchRef } from '../../core/batch/batch.ts';
import { chunkOfRow } from '../../core/batch/chunk.ts';
import type { Outcome } from '../../core/row/outcome.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../../core/row/row.ts';
import { NO_MARK } from '../../core/row/row-mark.ts';
import type { BatchRepair, Recounted } from '../batch-repair.ts';
import type { Chunk } from '../batch-store.ts';
import { FEED_KEYS, KEPT_CONSTANTS, loadBatchScript } from './batch-script.ts';
import { FEED_CONSTANTS } from './packing/pack-feed-event.ts';
import { KEPT_BITS_BYTES } from './packing/pack-kept.ts';
import { packEnding } from './packing/pack-record.ts';
import { packRows } from './packing/pack-rows.ts';
import { RedisPart } from './redis-part.ts';

const setCounts = loadBatchScript('set-counts', {
  keys: [],
  args: ['movesBefore', 'firstUntouched'],
  rest: 'counters',
});
const restoreChunk = loadBatchScript('restore-chunk', {
  keys: ['chunk', 'outcomes', 'keptBlock', 'underWay', 'marks', ...FEED_KEYS],
  args: ['packedRows'],
  rest: 'known',
  fields: ['row', 'outcome', 'mark'],
  constants: { ...KEPT_CONSTANTS, ...FEED_CONSTANTS },
  uses: ['kept-rows', 'announce'],
});
const markRows = loadBatchScript('mark-rows', {
  keys: ['outcomes', 'keptBlock', 'marks'],
  args: [],
  rest: 'rows',
  fields: ['row', 'outcome', 'mark'],
  constants: KEPT_CONSTANTS,
  uses: ['kept-rows'],
});
const replaceOutcome = loadBatchScript('replace-outcome', {
  keys: ['outcomes', 'keptBlock', 'errors', 'earlier', 'sessions', 'marks', ...FEED_KEYS],
  args: ['outcome', 'status', 'errorCode', 'errorMessage', 'mark'],
  rest: 'replaced',
  fields: ['row', 'outcome', 'status', 'errorCode', 'sessionBucket'],
  constants: { ...KEPT_CONSTANTS, ...FEED_CONSTANTS },
  uses: ['kept-rows', 'count-error', 'take-back', 'announce'],
});

const COUNTED = [...PENDING_STATES, ...OUTCOME_STATUSES] as const;
/** The values of a row without an outcome. */
const NOT_ENDED = { outcome: '', mark: NO_MARK };
/** Keys read at once. */
const PAGE = 1_000;

/** Repairs on Redis. */
export class RedisBatchRepair extends RedisPart implements BatchRepair {
  async findMissingChunks(batchId: string, chunks: number): Promise<number[]> {
    const found = await this.#ofEach(chunks, (chunk) =>
      this.redis.exists(this.keys.chunk(batchId, chunk)),
    );
    return found.flatMap((exists, chunk) => (exists === 0 ? [chunk] : []));
  }

  async restoreChunk(batch: BatchRef, { index, rows, outcomes }: Chunk): Promise<void> {
    const given = {
      packedRows: await packRows(rows),
      known: Array.from(outcomes, ([row, outcome]) => ({ row, ...packEnding(outcome) })),
    };
    await restoreChunk.run(this.place, { ...batch, chunk: index }, given);
  }

  async markRows(
    batch: BatchRef,
    chunk: number,
    rows: readonly number[],
    outcomes: ReadonlyMap<number, Outcome>,
  ): Promise<void> {
    const seen = rows.map((row) => {
      const outcome = outcomes.get(row);
      return { row, ...(outcome === undefined ? NOT_ENDED : packEnding(outcome)) };
    });
    await markRows.run(this.place, { ...batch, chunk }, { rows: seen });
  }

  async replaceOutcome(
    batch: BatchRef,
    row: number,
    found: Outcome,
    next: Outcome,
  ): Promise<boolean> {
    const replaced = await replaceOutcome.run(
      this.place,
      { ...batch, chunk: chunkOfRow(row) },
      { ...packEnding(next), replaced: [{ row, ...packEnding(found) }] },
    );
    return replaced === 1;
  }

  async countEnded(batchId: string, chunks: number): Promise<number> {
    const together = await this.redis.hget(this.keys.batch(batchId), 'implicitCancelled');
    const outcomes = await this.#ofEach(chunks, (chunk) => this.#countOutcomes(batchId, chunk));
    return outcomes.reduce((sum, count) => sum + count, Number(together));
  }

  /** A row that leaves the block meanwhile may be counted twice. */
  async #countOutcomes(batchId: string, chunk: number): Promise<number> {
    const [kept, others] = await Promise.all([
      this.redis.bitcount(this.keys.keptBlock(batchId, chunk), 0, KEPT_BITS_BYTES - 1),
      this.redis.hlen(this.keys.outcomes(batchId, chunk)),
    ]);
    return kept + others;
  }

  async readMoves(batchId: string): Promise<number> {
    return Number(await this.redis.hget(this.keys.batch(batchId), 'moves'));
  }

  async #ofEach(chunks: number, look: (chunk: number) => Promise<number>): Promise<number[]> {
    const found: number[] = [];
    for (let first = 0; first < chunks; first += PAGE) {
      const page = Array.from({ length: Math.min(PAGE, chunks - first) }, (_, at) => first + at);
      found.push(...(await Promise.all(page.map(look))));
    }
    return found;
  }

  async setCounts(batch: BatchRef, moves: number, recounted: Recounted): Promise<boolean> {
    const { counts, possibleOrphans, usedSessions, renewalCalls } = recounted;
    const { impliedCancelled, firstUntouched } = recounted;
    const set = await setCounts.run(this.place, batch, {
      movesBefore: moves,
      firstUntouched: firstUntouched ?? '',
      counters: [
        ...['orphans', possibleOrphans, 'renewing', renewalCalls],
        ...['implicitCancelled', impliedCancelled],
        ...(usedSessions === null ? [] : ['usedSessions', usedSessions]),
        ...COUNTED.flatMap((name) => [`n:${name}`, counts[name]]),
      ],
    });
    return set === 1;
  }
}
