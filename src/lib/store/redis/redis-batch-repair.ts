import type { Redis } from 'ioredis';
import type { BatchRef } from '../../core/batch/batch.ts';
import { chunkOfRow } from '../../core/batch/chunk.ts';
import type { Outcome } from '../../core/row/outcome.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../../core/row/row.ts';
import { markOf, NO_MARK } from '../../core/row/row-mark.ts';
import { sessionBucket } from '../../core/time-buckets.ts';
import type { BatchRepair, Recounted } from '../batch-repair.ts';
import type { Chunk } from '../batch-store.ts';
import type { Keys } from '../keys.ts';
import { loadBatchScript } from './batch-script.ts';
import { packMark } from './packing/pack-mark.ts';
import { packOutcome } from './packing/pack-outcome.ts';
import { countedCode } from './packing/pack-record.ts';
import { packRows } from './packing/pack-rows.ts';

const setCounts = loadBatchScript('set-counts');
const restoreChunk = loadBatchScript('restore-chunk');
const markRows = loadBatchScript('mark-rows');

const replaceOutcome = loadBatchScript('replace-outcome');

const COUNTED = [...PENDING_STATES, ...OUTCOME_STATUSES] as const;
/** Keys looked at at once. */
const PAGE = 1_000;

/** Repairs on Redis. The connection is the caller's and stays open. */
export class RedisBatchRepair implements BatchRepair {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #place: { redis: Redis; keys: Keys };

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
    this.#place = { redis, keys };
  }

  async findMissingChunks(batchId: string, chunks: number): Promise<number[]> {
    const found = await this.#ofEach(chunks, (chunk) =>
      this.#redis.exists(this.#keys.chunk(batchId, chunk)),
    );
    return found.flatMap((exists, chunk) => (exists === 0 ? [chunk] : []));
  }

  async restoreChunk(batch: BatchRef, { index, rows, outcomes }: Chunk): Promise<void> {
    await restoreChunk.run(
      this.#place,
      batch,
      [
        this.#keys.chunk(batch.id, index),
        this.#keys.outcomes(batch.id, index),
        this.#keys.underWay(batch.id),
        this.#keys.marks(batch.id),
      ],
      [
        await packRows(rows),
        ...[...outcomes].flatMap(([row, outcome]) => [row, ...packMarked(outcome)]),
      ],
    );
  }

  async markRows(
    batch: BatchRef,
    chunk: number,
    rows: readonly number[],
    outcomes: ReadonlyMap<number, Outcome>,
  ): Promise<void> {
    await markRows.run(
      this.#place,
      batch,
      [this.#keys.outcomes(batch.id, chunk), this.#keys.marks(batch.id)],
      rows.flatMap((row) => [row, ...packMarked(outcomes.get(row))]),
    );
  }

  async replaceOutcome(
    batch: BatchRef,
    row: number,
    found: Outcome,
    next: Outcome,
  ): Promise<boolean> {
    const { id } = batch;
    const chunk = chunkOfRow(row);
    const replaced = await replaceOutcome.run(
      this.#place,
      batch,
      [
        this.#keys.outcomes(id, chunk),
        this.#keys.errors(id),
        this.#keys.earlier(id, chunk),
        this.#keys.sessions(id),
        this.#keys.marks(id),
      ],
      [
        row,
        packOutcome(found),
        found.status,
        countedCode(found),
        found.session ? sessionBucket(found.session.expiresAtMs) : '',
        packOutcome(next),
        next.status,
        countedCode(next),
        next.error?.message ?? '',
        packMark(markOf(next)),
      ],
    );
    return replaced === 1;
  }

  async countEnded(batchId: string, chunks: number): Promise<number> {
    const together = await this.#redis.hget(this.#keys.batch(batchId), 'implicitCancelled');
    const outcomes = await this.#ofEach(chunks, (chunk) =>
      this.#redis.hlen(this.#keys.outcomes(batchId, chunk)),
    );
    return outcomes.reduce((sum, count) => sum + count, Number(together));
  }

  async readMoves(batchId: string): Promise<number> {
    return Number(await this.#redis.hget(this.#keys.batch(batchId), 'moves'));
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
    const { counts, possibleOrphans, impliedCancelled, firstUntouched } = recounted;
    const set = await setCounts.run(
      this.#place,
      batch,
      [],
      [
        moves,
        possibleOrphans,
        impliedCancelled,
        firstUntouched ?? '',
        ...COUNTED.flatMap((name) => [`n:${name}`, counts[name]]),
      ],
    );
    return set === 1;
  }
}

/** A row's outcome, empty when it has not ended, and its mark. */
const packMarked = (outcome: Outcome | undefined): [string, Buffer] =>
  outcome === undefined
    ? ['', packMark(NO_MARK)]
    : [packOutcome(outcome), packMark(markOf(outcome))];
