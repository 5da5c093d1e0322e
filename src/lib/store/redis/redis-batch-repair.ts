import type { Redis } from 'ioredis';
import type { Outcome } from '../../core/row/outcome.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../../core/row/row.ts';
import { markOf, NO_MARK } from '../../core/row/row-mark.ts';
import { loadScript } from '../../redis/script.ts';
import type { BatchRepair, Recounted } from '../batch-repair.ts';
import type { Chunk } from '../batch-store.ts';
import type { Keys } from '../keys.ts';
import { packMark } from './packing/pack-mark.ts';
import { packOutcome } from './packing/pack-outcome.ts';
import { packRows } from './packing/pack-rows.ts';

const LUA = new URL('./lua/', import.meta.url);
const setCounts = loadScript(LUA, 'set-counts');
const restoreChunk = loadScript(LUA, 'restore-chunk');
const markRows = loadScript(LUA, 'mark-rows');

const COUNTED = [...PENDING_STATES, ...OUTCOME_STATUSES] as const;
/** Keys looked at at once. */
const PAGE = 1_000;

/** Repairs on Redis. The connection is the caller's and stays open. */
export class RedisBatchRepair implements BatchRepair {
  readonly #redis: Redis;
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async findMissingChunks(batchId: string, chunks: number): Promise<number[]> {
    const found = await this.#ofEach(chunks, (chunk) =>
      this.#redis.exists(this.#keys.chunk(batchId, chunk)),
    );
    return found.flatMap((exists, chunk) => (exists === 0 ? [chunk] : []));
  }

  async restoreChunk(batchId: string, { index, rows, outcomes }: Chunk): Promise<void> {
    await restoreChunk.run(
      this.#redis,
      [
        this.#keys.chunk(batchId, index),
        this.#keys.outcomes(batchId, index),
        this.#keys.underWay(batchId),
        this.#keys.marks(batchId),
      ],
      [
        await packRows(rows),
        ...[...outcomes].flatMap(([row, outcome]) => [row, ...packMarked(outcome)]),
      ],
    );
  }

  async markRows(
    batchId: string,
    chunk: number,
    rows: readonly number[],
    outcomes: ReadonlyMap<number, Outcome>,
  ): Promise<void> {
    await markRows.run(
      this.#redis,
      [this.#keys.outcomes(batchId, chunk), this.#keys.marks(batchId)],
      rows.flatMap((row) => [row, ...packMarked(outcomes.get(row))]),
    );
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

  async setCounts(batchId: string, moves: number, recounted: Recounted): Promise<boolean> {
    const { counts, possibleOrphans, impliedCancelled, firstUntouched } = recounted;
    const set = await setCounts.run(
      this.#redis,
      [this.#keys.batch(batchId)],
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

/** What a row came to, empty when it has not ended, and its mark. */
const packMarked = (outcome: Outcome | undefined): [string, Buffer] =>
  outcome === undefined
    ? ['', packMark(NO_MARK)]
    : [packOutcome(outcome), packMark(markOf(outcome))];
