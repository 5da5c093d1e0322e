import type { Redis } from 'ioredis';
import { z } from 'zod';
import { BATCH_STATES, type Batch, type BatchState } from '../../core/batch/batch.ts';
import { chunkOfRow, countChunks } from '../../core/batch/chunk.ts';
import type { Outcome } from '../../core/row/outcome.ts';
import { newRowProgress } from '../../core/row/row-progress.ts';
import { sessionBucket } from '../../core/time-buckets.ts';
import { loadScript } from '../../redis/script.ts';
import type { BatchSteering, HistoryEntry } from '../batch-steering.ts';
import type { Keys } from '../keys.ts';
import { transitionsJson } from './packing/batch-hash.ts';
import { packOutcome, unpackEarlier } from './packing/pack-outcome.ts';
import { packProgress } from './packing/pack-progress.ts';
import { countedCode } from './packing/pack-record.ts';

const LUA = new URL('./lua/', import.meta.url);
const cancelBatch = loadScript(LUA, 'cancel-batch');
const cancelRows = loadScript(LUA, 'cancel-rows');
const reopenRows = loadScript(LUA, 'reopen-rows');
const uncancelRows = loadScript(LUA, 'uncancel-rows');
const pauseItself = loadScript(LUA, 'pause-itself');
const keepWindow = loadScript(LUA, 'keep-window');
const takeOverPause = loadScript(LUA, 'take-over-pause');

const stateReply = z.enum(BATCH_STATES).nullable();

const KEPT_HISTORY = 1_000;
const PROBES_AT_ONCE = 500;
const ROWS_AT_ONCE = 500;
const WHEN_ALL_ENDED = transitionsJson('all_rows_ended');
/** Chunks whose keys go in one step: some hundred keys, unlinked in the background of Redis. */
const REMOVED_CHUNKS = 100;

const historyEntry = z.object({
  atMs: z.number(),
  who: z.string(),
  what: z.string(),
  reason: z.string().nullable(),
}) satisfies z.ZodType<HistoryEntry>;

/** Steering on Redis. The connection is the caller's and stays open. */
export class RedisBatchSteering implements BatchSteering {
  readonly #redis: Redis;
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async cancel(batchId: string, reason: string | null, nowMs: number): Promise<BatchState | null> {
    const keys = this.#keys;
    const state = stateReply.parse(
      await cancelBatch.run(
        this.#redis,
        [keys.batch(batchId), keys.underWay(batchId), keys.again(batchId)],
        [transitionsJson('cancel'), WHEN_ALL_ENDED, reason ?? '', nowMs],
      ),
    );
    return state === 'cancelling' ? await this.#cancelBegun(batchId, nowMs) : state;
  }

  /** Broken off, it is finished by the workers: such rows are in their queues, or are put back there. */
  async #cancelBegun(batchId: string, nowMs: number): Promise<BatchState | null> {
    const underWay = this.#keys.underWay(batchId);
    let state: BatchState | null = 'cancelling';
    let cursor = '0';
    do {
      const [next, found] = await this.#redis.hscan(underWay, cursor, 'COUNT', ROWS_AT_ONCE);
      const rows = found.filter((_, index) => index % 2 === 0);
      const keys = [this.#keys.batch(batchId), underWay];
      const given = [WHEN_ALL_ENDED, nowMs, ...rows];
      state = stateReply.parse(await cancelRows.run(this.#redis, keys, given));
      cursor = next;
    } while (cursor !== '0' && state === 'cancelling');
    return state;
  }

  async reopenRows(
    batchId: string,
    chunk: number,
    outcomes: ReadonlyMap<number, Outcome>,
  ): Promise<number> {
    if (outcomes.size === 0) return 0;
    const keys = this.#keys;
    const reopened = await reopenRows.run(
      this.#redis,
      [
        keys.batch(batchId),
        keys.outcomes(batchId, chunk),
        keys.underWay(batchId),
        keys.again(batchId),
        keys.errors(batchId),
        keys.earlier(batchId, chunk),
        keys.sessions(batchId),
        keys.marks(batchId),
      ],
      [...outcomes].flatMap(([row, outcome]) => [row, ...reopening(outcome)]),
    );
    return Number(reopened);
  }

  async uncancelRows(batchId: string): Promise<number> {
    return Number(await uncancelRows.run(this.#redis, [this.#keys.batch(batchId)], []));
  }

  async forgetProbes(batchId: string): Promise<void> {
    const key = this.#keys.probeMemory(batchId);
    let cursor = '0';
    do {
      const [next, found] = await this.#redis.hscan(key, cursor, 'COUNT', PROBES_AT_ONCE);
      const digests = found.filter((_, index) => index % 2 === 0);
      // Empty: the address is named by several rows, and nothing is known of its video.
      if (digests.length > 0) await this.#redis.hset(key, ...digests.flatMap((one) => [one, '']));
      cursor = next;
    } while (cursor !== '0');
  }

  async setPriority(batchId: string, priority: number): Promise<void> {
    await this.#redis.hset(this.#keys.batch(batchId), 'priority', priority);
  }

  async pauseItself(batchId: string, reason: string, nowMs: number): Promise<BatchState | null> {
    const keys = [this.#keys.batch(batchId), this.#keys.untold];
    const given = [transitionsJson('pause'), reason, nowMs];
    return stateReply.parse(await pauseItself.run(this.#redis, keys, given));
  }

  async pauseOutsideWindow(
    batchId: string,
    reason: string,
    shutSinceMs: number,
  ): Promise<BatchState | null> {
    const given = ['pause', transitionsJson('pause'), reason, shutSinceMs];
    return stateReply.parse(await keepWindow.run(this.#redis, [this.#keys.batch(batchId)], given));
  }

  async resumeInsideWindow(batchId: string): Promise<BatchState | null> {
    const given = ['resume', transitionsJson('resume'), '', ''];
    return stateReply.parse(await keepWindow.run(this.#redis, [this.#keys.batch(batchId)], given));
  }

  async ignoreWindow(batchId: string, shutSinceMs: number): Promise<void> {
    await this.#redis.hset(this.#keys.batch(batchId), 'windowHeededMs', shutSinceMs);
  }

  async takeOverPause(batchId: string, reason: string): Promise<boolean> {
    const keys = [this.#keys.batch(batchId)];
    return (await takeOverPause.run(this.#redis, keys, [reason])) === 1;
  }

  async addHistory(batchId: string, entry: HistoryEntry): Promise<void> {
    const key = this.#keys.history(batchId);
    await this.#redis
      .multi()
      .lpush(key, JSON.stringify(entry))
      .ltrim(key, 0, KEPT_HISTORY - 1)
      .exec();
  }

  async readHistory(batchId: string): Promise<HistoryEntry[]> {
    const texts = await this.#redis.lrange(this.#keys.history(batchId), 0, KEPT_HISTORY - 1);
    return texts.map((text) => historyEntry.parse(JSON.parse(text)));
  }

  async readEarlier(batchId: string, row: number): Promise<Outcome[]> {
    const key = this.#keys.earlier(batchId, chunkOfRow(row));
    return unpackEarlier(await this.#redis.hget(key, String(row)));
  }

  /** The batch itself goes last, so that a removal that was interrupted can be repeated. */
  async remove({ id, rows }: Batch): Promise<void> {
    const keys = this.#keys;
    for (let chunk = 0; chunk < countChunks(rows); chunk += REMOVED_CHUNKS) {
      const chunks = Array.from({ length: REMOVED_CHUNKS }, (_, offset) => chunk + offset);
      await this.#redis.unlink(
        ...chunks.flatMap((index) => [
          keys.chunk(id, index),
          keys.outcomes(id, index),
          keys.earlier(id, index),
        ]),
      );
    }
    await this.#redis.unlink(
      keys.marks(id),
      keys.underWay(id),
      keys.again(id),
      keys.errors(id),
      keys.pace(id),
      keys.sessions(id),
      keys.history(id),
      keys.probeMemory(id),
      keys.mending(id),
    );
    const [identity, mends] = await this.#redis.hmget(keys.batch(id), 'identity', 'mends');
    await this.#redis
      .multi()
      .hdel(keys.identities, identity ?? '')
      .hdel(keys.shares, id)
      .zrem(keys.batches, id)
      .srem(keys.arranged, id)
      .zrem(keys.mending(mends ?? ''), id)
      .unlink(keys.batch(id))
      .exec();
  }
}

/** What `reopen-rows.lua` wants to know of an outcome: all that it once added, so that it can be taken away again. */
function reopening(outcome: Outcome): (string | number)[] {
  const { possibleOrphans = 0 } = outcome;
  return [
    packOutcome(outcome),
    outcome.status,
    countedCode(outcome),
    outcome.session ? sessionBucket(outcome.session.expiresAtMs) : '',
    possibleOrphans,
    packProgress({ ...newRowProgress('waiting'), lostCalls: possibleOrphans }),
  ];
}
