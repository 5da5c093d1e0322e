import type { Redis } from 'ioredis';
import { z } from 'zod';
import {
  BATCH_STATES,
  type Batch,
  type BatchEvent,
  type BatchState,
} from '../../core/batch/batch.ts';
import { chunkOfRow } from '../../core/batch/chunk.ts';
import type { ManifestRow, ManifestShape } from '../../core/manifest/manifest.ts';
import type { Source } from '../../core/manifest/source.ts';
import type { Outcome } from '../../core/row/outcome.ts';
import type { PendingState } from '../../core/row/row.ts';
import { newRowProgress, type RowProgress } from '../../core/row/row-progress.ts';
import { loadScript } from '../../redis/script.ts';
import type {
  BatchDraft,
  BatchStore,
  Chunk,
  DispatchView,
  ErrorCount,
  RecordResult,
  RowView,
  SwapOptions,
  SwapResult,
} from '../batch-store.ts';
import type { Keys } from '../keys.ts';
import { collectByRow } from './collect-by-row.ts';
import { listUnderWay } from './list-under-way.ts';
import {
  newBatchHash,
  parseBatchHash,
  parseOptions,
  transitionsJson,
} from './packing/batch-hash.ts';
import { ledgerEntry } from './packing/ledger-entry.ts';
import { packChunk } from './packing/pack-chunk.ts';
import { unpackOutcome } from './packing/pack-outcome.ts';
import { packProgress, unpackProgress } from './packing/pack-progress.ts';
import { packRecord } from './packing/pack-record.ts';
import { unpackRows } from './packing/pack-rows.ts';

const LUA = new URL('./lua/', import.meta.url);
const openBatch = loadScript(LUA, 'open-batch');
const appendChunk = loadScript(LUA, 'append-chunk');
const changeState = loadScript(LUA, 'change-state');
const readRow = loadScript(LUA, 'read-row');
const markDispatched = loadScript(LUA, 'mark-dispatched');
const swapProgress = loadScript(LUA, 'swap-progress');
const recordOutcome = loadScript(LUA, 'record-outcome');

const WHEN_ALL_ENDED = transitionsJson('all_rows_ended');

const openReply = z.union([
  z.tuple([z.enum(['created', 'found']), z.string()]),
  z.tuple([z.literal('conflict')]),
]);
const dispatchReplies = z.tuple([z.record(z.string(), z.string()), z.number(), z.number()]);
const rowReply = z.tuple([
  z.enum(BATCH_STATES).nullable(),
  z.string().nullable(),
  z.string().nullable(),
  z.string().nullable(),
  z.number(),
]);
const stateReply = z.enum(BATCH_STATES).nullable();
const recordReply = z.union([
  z.tuple([z.literal('recorded'), z.enum(BATCH_STATES), z.string(), z.number()]),
  z.tuple([z.enum(['changed', 'has_outcome'])]),
]);
const stateOf = (version: string): PendingState =>
  version === '' ? 'waiting' : unpackProgress(version).state;

/** The batch store on Redis. The connection is the caller's and stays open. */
export class RedisBatchStore implements BatchStore {
  readonly #redis: Redis;
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async openBatch(draft: BatchDraft, nowMs: number): ReturnType<BatchStore['openBatch']> {
    const reply = openReply.parse(
      await openBatch.run(
        this.#redis,
        [
          this.#keys.identities,
          this.#keys.batch(draft.id),
          this.#keys.batches,
          ...(draft.mends === null ? [] : [this.#keys.mending(draft.mends)]),
        ],
        [draft.id, draft.identity, nowMs, ...newBatchHash(draft, nowMs)],
      ),
    );
    const { finishBy, window } = draft.arrangements;
    if (reply[0] !== 'conflict' && (finishBy ?? window ?? draft.notify) !== null) {
      await this.#redis.sadd(this.#keys.arranged, reply[1]);
    }
    return reply[0] === 'conflict' ? { kind: 'conflict' } : { kind: reply[0], batchId: reply[1] };
  }

  async appendChunk(batchId: string, chunk: Chunk): Promise<boolean> {
    const reply = await appendChunk.run(
      this.#redis,
      [
        this.#keys.batch(batchId),
        this.#keys.chunk(batchId, chunk.index),
        this.#keys.outcomes(batchId, chunk.index),
        this.#keys.errors(batchId),
        this.#keys.probeMemory(batchId),
        this.#keys.marks(batchId),
      ],
      await packChunk(chunk),
    );
    if (reply === 'gap') throw new Error(`chunk ${chunk.index} of ${batchId} came out of order`);
    return reply !== 'closed';
  }

  async finishImport(batchId: string, shape: ManifestShape, nowMs: number): Promise<void> {
    await this.#redis.hset(this.#keys.batch(batchId), 'shape', JSON.stringify(shape));
    await this.changeState(batchId, 'imported', null, nowMs);
  }

  async changeState(
    batchId: string,
    event: BatchEvent,
    reason: string | null,
    nowMs: number,
  ): Promise<BatchState | null> {
    const isNewEpoch = event === 'resume' || event === 'reopen' ? '1' : '0';
    return stateReply.parse(
      await changeState.run(
        this.#redis,
        [this.#keys.batch(batchId), this.#keys.untold],
        [transitionsJson(event), reason ?? '', isNewEpoch, WHEN_ALL_ENDED, nowMs],
      ),
    );
  }

  async readBatch(batchId: string): Promise<Batch | null> {
    const hash = await this.#redis.hgetall(this.#keys.batch(batchId));
    return hash.id === undefined ? null : parseBatchHash(hash);
  }

  /** The store keeps at most some dozens of codes per batch, so the whole hash is small. */
  async readErrors(batchId: string, limit: number): Promise<ErrorCount[]> {
    const hash = await this.#redis.hgetall(this.#keys.errors(batchId));
    return Object.entries(hash)
      .filter(([field]) => field.startsWith('n:'))
      .map(([field, count]) => ({ code: field.slice('n:'.length), count: Number(count) }))
      .map((error) => ({ ...error, sample: hash[`message:${error.code}`] ?? '' }))
      .sort((a, b) => b.count - a.count)
      .slice(0, limit);
  }

  async readDispatch(batchId: string): Promise<DispatchView | null> {
    // In one step, so that a row which ends meanwhile is seen in one place and not in none.
    const replies = await this.#redis
      .multi()
      .hgetall(this.#keys.batch(batchId))
      .hlen(this.#keys.underWay(batchId))
      .zcard(this.#keys.again(batchId))
      .exec();
    const [hash, known, again] = dispatchReplies.parse(replies?.map(([, reply]) => reply));
    if (hash.id === undefined) return null;
    return {
      batch: parseBatchHash(hash),
      cursor: Number(hash.cursor),
      reopenings: Number(hash.reopenings),
      epoch: Number(hash.epoch),
      wasResumed: Number(hash.epoch) > Number(hash.windowEpochs ?? 0),
      underWay: known - again,
      handedBack: again,
    };
  }

  async readChunk(batchId: string, chunk: number): Promise<ManifestRow[] | null> {
    const packed = await this.#redis.getBuffer(this.#keys.chunk(batchId, chunk));
    return packed === null ? null : await unpackRows(packed);
  }

  async markDispatched(
    batchId: string,
    rows: { row: number; state: PendingState }[],
    lastRow: number,
    reopenings: number,
  ): Promise<void> {
    const chunk = chunkOfRow(lastRow);
    await markDispatched.run(
      this.#redis,
      [
        this.#keys.batch(batchId),
        this.#keys.underWay(batchId),
        this.#keys.outcomes(batchId, chunk),
      ],
      [
        lastRow,
        reopenings,
        ...rows.flatMap(({ row, state }) => [row, packProgress(newRowProgress(state)), state]),
      ],
    );
  }

  async readAgain(batchId: string, limit: number): Promise<number[]> {
    const rows = await this.#redis.zrange(this.#keys.again(batchId), 0, String(limit - 1));
    return rows.map(Number);
  }

  listUnderWay(batchId: string): AsyncIterable<Map<number, RowProgress>> {
    return listUnderWay(this.#redis, this.#keys, batchId);
  }

  async readRow(batchId: string, row: number): Promise<RowView | null> {
    const [batch, underWay, outcomes] = this.#rowKeys(batchId, row);
    const reply = await readRow.run(this.#redis, [batch, underWay, outcomes], [row]);
    const [state, options, cancelledAtMs, progress, hasOutcome] = rowReply.parse(reply);
    if (state === null || options === null) return null;
    return {
      batchState: state,
      options: parseOptions(options),
      progress: progress === null ? null : unpackProgress(progress),
      version: progress ?? '',
      hasOutcome: hasOutcome === 1 || (progress === null && cancelledAtMs !== null),
    };
  }

  async swapProgress(
    batchId: string,
    row: number,
    version: string,
    next: RowProgress,
    options: SwapOptions = {},
  ): Promise<SwapResult> {
    const text = packProgress(next);
    const kind = z
      .enum(['swapped', 'changed', 'has_outcome'])
      .parse(
        await swapProgress.run(this.#redis, this.#rowKeys(batchId, row), [
          row,
          version,
          text,
          stateOf(version),
          next.state,
          options.isHandedBack ? '1' : '0',
          options.onlyWhileRunning ? '1' : '0',
        ]),
      );
    return kind === 'swapped' ? { kind, version: text } : { kind };
  }

  async recordOutcome(
    batchId: string,
    row: number,
    version: string,
    outcome: Outcome,
    source: Source | null,
  ): Promise<RecordResult> {
    const [batch, underWay, outcomes, again] = this.#rowKeys(batchId, row);
    const ledger = ledgerEntry(batchId, row, outcome, source);
    const reply = recordReply.parse(
      await recordOutcome.run(
        this.#redis,
        [
          batch,
          underWay,
          outcomes,
          this.#keys.errors(batchId),
          again,
          this.#keys.pace(batchId),
          this.#keys.sessions(batchId),
          this.#keys.ledger(ledger.hour, ledger.slice),
          this.#keys.marks(batchId),
          this.#keys.untold,
        ],
        [row, version, ...packRecord(outcome, stateOf(version), ledger)],
      ),
    );
    if (reply[0] !== 'recorded') return { kind: reply[0] };
    const [, batchState, recentEnds, failedRows] = reply;
    return { kind: 'recorded', batchState, failures: { recentEnds, failedRows } };
  }

  #rowKeys(batchId: string, row: number): [string, string, string, string] {
    return [
      this.#keys.batch(batchId),
      this.#keys.underWay(batchId),
      this.#keys.outcomes(batchId, chunkOfRow(row)),
      this.#keys.again(batchId),
    ];
  }

  /** A chunk holds at most 500 rows, so the hash is small. */
  async readOutcomes(batchId: string, chunk: number): Promise<Map<number, Outcome>> {
    const hash = await this.#redis.hgetall(this.#keys.outcomes(batchId, chunk));
    return new Map(Object.entries(hash).map(([row, text]) => [Number(row), unpackOutcome(text)]));
  }

  async readOutcomesOf(batchId: string, rows: number[]): Promise<Map<number, Outcome>> {
    const texts = await Promise.all(
      rows.map((row) =>
        this.#redis.hget(this.#keys.outcomes(batchId, chunkOfRow(row)), String(row)),
      ),
    );
    return collectByRow(rows, texts, unpackOutcome);
  }

  async findUntouched(batchId: string, rows: number[]): Promise<number[]> {
    const [first] = rows;
    if (first === undefined) return [];
    const fields = rows.map(String);
    const [outcomes, progress] = await Promise.all([
      this.#redis.hmget(this.#keys.outcomes(batchId, chunkOfRow(first)), ...fields),
      this.#redis.hmget(this.#keys.underWay(batchId), ...fields),
    ]);
    return rows.filter((_, index) => outcomes[index] == null && progress[index] == null);
  }

  async readProgressOf(batchId: string, rows: number[]): Promise<Map<number, RowProgress>> {
    if (rows.length === 0) return new Map();
    const texts = await this.#redis.hmget(this.#keys.underWay(batchId), ...rows.map(String));
    return collectByRow(rows, texts, unpackProgress);
  }
}
