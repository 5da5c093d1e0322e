import type { Redis } from 'ioredis';
import type { Batch, BatchRef, BatchState } from '../../core/batch/batch.ts';
import { chunkOfRow } from '../../core/batch/chunk.ts';
import type { Outcome } from '../../core/row/outcome.ts';
import { newRowProgress } from '../../core/row/row-progress.ts';
import { sessionBucket } from '../../core/time-buckets.ts';
import type { BatchSteering, HistoryEntry } from '../batch-steering.ts';
import type { Keys } from '../keys.ts';
import { loadBatchScript, nullWhenGone } from './batch-script.ts';
import { transitionsJson } from './packing/batch-hash.ts';
import { readHistoryEntry, writeHistoryEntry } from './packing/history-entry.ts';
import { packOutcome, unpackEarlier } from './packing/pack-outcome.ts';
import { packProgress } from './packing/pack-progress.ts';
import { countedCode } from './packing/pack-record.ts';
import { removeDamaged } from './removing/remove-damaged.ts';
import { removeStored } from './removing/remove-stored.ts';
import { stateReply } from './script-replies.ts';

const cancelBatch = loadBatchScript('cancel-batch');
const cancelRows = loadBatchScript('cancel-rows');
const reopenRows = loadBatchScript('reopen-rows');
const uncancelRows = loadBatchScript('uncancel-rows');
const pauseItself = loadBatchScript('pause-itself');
const keepWindow = loadBatchScript('keep-window');
const takeOverPause = loadBatchScript('take-over-pause');
const forgetProbes = loadBatchScript('forget-probes');
const setFields = loadBatchScript('set-fields');
const addHistory = loadBatchScript('add-history');

const readState = (reply: unknown): BatchState | null => stateReply.parse(nullWhenGone(reply));

const KEPT_HISTORY = 1_000;
const PROBES_AT_ONCE = 500;
const ROWS_AT_ONCE = 500;
const WHEN_ALL_ENDED = transitionsJson('all_rows_ended');

/** Steering on Redis. The connection is the caller's and stays open. */
export class RedisBatchSteering implements BatchSteering {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #place: { redis: Redis; keys: Keys };

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
    this.#place = { redis, keys };
  }

  async cancel(batch: BatchRef, reason: string | null, nowMs: number): Promise<BatchState | null> {
    const keys = [this.#keys.underWay(batch.id), this.#keys.again(batch.id)];
    const given = [transitionsJson('cancel'), WHEN_ALL_ENDED, reason ?? '', nowMs];
    const state = readState(await cancelBatch.run(this.#place, batch, keys, given));
    return state === 'cancelling' ? await this.#cancelBegun(batch, nowMs) : state;
  }

  /** Broken off, it is finished by the workers: such rows are in their queues, or are put back there. */
  async #cancelBegun(batch: BatchRef, nowMs: number): Promise<BatchState | null> {
    const underWay = this.#keys.underWay(batch.id);
    let state: BatchState | null = 'cancelling';
    let cursor = '0';
    do {
      const [next, found] = await this.#redis.hscan(underWay, cursor, 'COUNT', ROWS_AT_ONCE);
      const rows = found.filter((_, index) => index % 2 === 0);
      const given = [WHEN_ALL_ENDED, nowMs, ...rows];
      state = readState(await cancelRows.run(this.#place, batch, [underWay], given));
      cursor = next;
    } while (cursor !== '0' && state === 'cancelling');
    return state;
  }

  async reopenRows(
    batch: BatchRef,
    chunk: number,
    outcomes: ReadonlyMap<number, Outcome>,
  ): Promise<number> {
    if (outcomes.size === 0) return 0;
    const keys = this.#keys;
    const reopened = await reopenRows.run(
      this.#place,
      batch,
      [
        keys.outcomes(batch.id, chunk),
        keys.underWay(batch.id),
        keys.again(batch.id),
        keys.errors(batch.id),
        keys.earlier(batch.id, chunk),
        keys.sessions(batch.id),
        keys.marks(batch.id),
      ],
      [...outcomes].flatMap(([row, outcome]) => [row, ...reopening(outcome)]),
    );
    return Number(nullWhenGone(reopened));
  }

  async uncancelRows(batch: BatchRef): Promise<number> {
    return Number(nullWhenGone(await uncancelRows.run(this.#place, batch, [], [])));
  }

  async forgetProbes(batch: BatchRef): Promise<void> {
    const key = this.#keys.probeMemory(batch.id);
    let cursor = '0';
    do {
      const [next, found] = await this.#redis.hscan(key, cursor, 'COUNT', PROBES_AT_ONCE);
      const digests = found.filter((_, index) => index % 2 === 0);
      if (digests.length > 0) await forgetProbes.run(this.#place, batch, [key], digests);
      cursor = next;
    } while (cursor !== '0');
  }

  async setPriority(batch: BatchRef, priority: number): Promise<void> {
    await setFields.run(this.#place, batch, [], ['priority', priority]);
  }

  async pauseItself(batch: BatchRef, reason: string, nowMs: number): Promise<BatchState | null> {
    const given = [transitionsJson('pause'), reason, nowMs];
    return readState(await pauseItself.run(this.#place, batch, [this.#keys.untold], given));
  }

  async pauseOutsideWindow(
    batch: BatchRef,
    reason: string,
    shutSinceMs: number,
  ): Promise<BatchState | null> {
    const given = ['pause', transitionsJson('pause'), reason, shutSinceMs];
    return readState(await keepWindow.run(this.#place, batch, [], given));
  }

  async resumeInsideWindow(batch: BatchRef): Promise<BatchState | null> {
    const given = ['resume', transitionsJson('resume'), '', ''];
    return readState(await keepWindow.run(this.#place, batch, [], given));
  }

  async ignoreWindow(batch: BatchRef, shutSinceMs: number): Promise<void> {
    await setFields.run(this.#place, batch, [], ['windowHeededMs', shutSinceMs]);
  }

  async takeOverPause(batch: BatchRef, reason: string): Promise<boolean> {
    return (await takeOverPause.run(this.#place, batch, [], [reason])) === 1;
  }

  async addHistory(batch: BatchRef, entry: HistoryEntry): Promise<void> {
    const keys = [this.#keys.history(batch.id)];
    await addHistory.run(this.#place, batch, keys, [writeHistoryEntry(entry), KEPT_HISTORY]);
  }

  async readHistory(batchId: string): Promise<HistoryEntry[]> {
    const texts = await this.#redis.lrange(this.#keys.history(batchId), 0, KEPT_HISTORY - 1);
    return texts.map(readHistoryEntry);
  }

  async readEarlier(batchId: string, row: number): Promise<Outcome[]> {
    const key = this.#keys.earlier(batchId, chunkOfRow(row));
    return unpackEarlier(await this.#redis.hget(key, String(row)));
  }

  async remove(batch: Batch, nowMs: number): Promise<void> {
    await removeStored(this.#place, batch, nowMs);
  }

  async removeDamaged(batchId: string): Promise<void> {
    await removeDamaged(this.#place, batchId);
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
