import type { Redis } from 'ioredis';
import type { Batch, BatchEvent, BatchRef, BatchState } from '../../core/batch/batch.ts';
import { chunkOfRow } from '../../core/batch/chunk.ts';
import type { ManifestRow, ManifestShape } from '../../core/manifest/manifest.ts';
import type { Source } from '../../core/manifest/source.ts';
import type { Outcome } from '../../core/row/outcome.ts';
import type { PendingState } from '../../core/row/row.ts';
import { newRowProgress, type RowProgress } from '../../core/row/row-progress.ts';
import { loadScript } from '../../redis/script.ts';
import type {
  AppendOptions,
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
import { GONE, loadBatchScript, nullWhenGone } from './batch-script.ts';
import { noteReading } from './note-reading.ts';
import {
  newBatchHash,
  parseBatchHash,
  storedOptions,
  transitionsJson,
} from './packing/batch-hash.ts';
import { ledgerEntry } from './packing/ledger-entry.ts';
import { packChunk } from './packing/pack-chunk.ts';
import { unpackOutcome } from './packing/pack-outcome.ts';
import { isDamagedProgress, packProgress, unpackProgress } from './packing/pack-progress.ts';
import { packRecord, withCalled } from './packing/pack-record.ts';
import { unpackRows } from './packing/pack-rows.ts';
import { collectByRow } from './reading/collect-by-row.ts';
import { listUnderWay } from './reading/list-under-way.ts';
import { readBatchRecord } from './reading/read-batch-record.ts';
import { readErrors } from './reading/read-errors.ts';
import {
  dispatchReplies,
  openReply,
  recordReply,
  rowReply,
  stateReply,
  swapReply,
} from './script-replies.ts';

const openBatch = loadScript(new URL('./lua/', import.meta.url), 'open-batch');
const appendChunk = loadBatchScript('append-chunk');
const changeState = loadBatchScript('change-state');
const readRow = loadBatchScript('read-row');
const markDispatched = loadBatchScript('mark-dispatched');
const swapProgress = loadBatchScript('swap-progress');
const recordOutcome = loadBatchScript('record-outcome');

const WHEN_ALL_ENDED = transitionsJson('all_rows_ended');

const stateOf = (version: string): PendingState =>
  version === '' ? 'waiting' : unpackProgress(version).state;

/** The batch store on Redis. The connection is the caller's and stays open. */
export class RedisBatchStore implements BatchStore {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #place: { redis: Redis; keys: Keys };

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
    this.#place = { redis, keys };
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
    if (reply[0] === 'conflict') return { kind: 'conflict' };
    const [kind, id, incarnation] = reply;
    return { kind, batch: { id, incarnation } };
  }

  async appendChunk(batch: BatchRef, chunk: Chunk, options: AppendOptions = {}): Promise<boolean> {
    const { id } = batch;
    const reply = await appendChunk.run(
      this.#place,
      batch,
      [
        this.#keys.chunk(id, chunk.index),
        this.#keys.outcomes(id, chunk.index),
        this.#keys.errors(id),
        this.#keys.probeMemory(id),
        this.#keys.marks(id),
      ],
      await packChunk(chunk, options),
    );
    if (reply === 'gap') throw new Error(`chunk ${chunk.index} of ${id} came out of order`);
    return reply !== 'closed' && reply !== GONE;
  }

  async finishImport(batch: BatchRef, shape: ManifestShape, nowMs: number): Promise<void> {
    await noteReading(this.#place, batch, { shape, isWhole: true });
    await this.changeState(batch, 'imported', null, nowMs);
  }

  async leaveImport(batch: BatchRef, shape: ManifestShape): Promise<void> {
    await noteReading(this.#place, batch, { shape, isWhole: false });
  }

  async changeState(
    batch: BatchRef,
    event: BatchEvent,
    reason: string | null,
    nowMs: number,
  ): Promise<BatchState | null> {
    const isNewEpoch = event === 'resume' || event === 'reopen' ? '1' : '0';
    const given = [transitionsJson(event), reason ?? '', isNewEpoch, WHEN_ALL_ENDED, nowMs];
    const reply = await changeState.run(this.#place, batch, [this.#keys.untold], given);
    return stateReply.parse(nullWhenGone(reply));
  }

  async readBatch(batchId: string): Promise<Batch | null> {
    return await readBatchRecord(this.#redis, this.#keys, batchId);
  }

  async readErrors(batchId: string, limit: number): Promise<ErrorCount[]> {
    return await readErrors(this.#redis, this.#keys, batchId, limit);
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
      batch: parseBatchHash(batchId, hash),
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
    batch: BatchRef,
    rows: { row: number; state: PendingState }[],
    lastRow: number,
    reopenings: number,
  ): Promise<void> {
    const chunk = chunkOfRow(lastRow);
    await markDispatched.run(
      this.#place,
      batch,
      [this.#keys.underWay(batch.id), this.#keys.outcomes(batch.id, chunk)],
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

  async readRow(batch: BatchRef, row: number): Promise<RowView | null> {
    const reply = rowReply.parse(
      await readRow.run(this.#place, batch, this.#rowKeys(batch, row), [row]),
    );
    if (reply === GONE) return null;
    const [state, options, cancelledAtMs, progress, hasOutcome] = reply;
    return {
      batchState: state,
      options: storedOptions.read(options),
      progress: progress === null ? null : unpackProgress(progress),
      version: progress ?? '',
      isDamaged: progress !== null && isDamagedProgress(progress),
      hasOutcome: hasOutcome === 1 || (progress === null && cancelledAtMs !== null),
    };
  }

  async swapProgress(
    batch: BatchRef,
    row: number,
    version: string,
    next: RowProgress,
    options: SwapOptions = {},
  ): Promise<SwapResult> {
    const text = packProgress(next);
    const kind = swapReply.parse(
      await swapProgress.run(this.#place, batch, this.#rowKeys(batch, row), [
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
    batch: BatchRef,
    row: number,
    version: string,
    outcome: Outcome,
    source: Source | null,
  ): Promise<RecordResult> {
    const ledger = ledgerEntry(batch, row, outcome, source);
    const [underWay, outcomes, again] = this.#rowKeys(batch, row);
    const reply = recordReply.parse(
      await recordOutcome.run(
        this.#place,
        batch,
        [
          underWay,
          outcomes,
          this.#keys.errors(batch.id),
          again,
          this.#keys.pace(batch.id),
          this.#keys.sessions(batch.id),
          this.#keys.ledger(ledger?.hour ?? 0, ledger?.slice ?? ''),
          this.#keys.marks(batch.id),
          this.#keys.untold,
          this.#keys.latestSessions(batch.id),
        ],
        [row, version, ...packRecord(withCalled(outcome, source), stateOf(version), ledger)],
      ),
    );
    if (reply === GONE) return { kind: 'gone' };
    if (reply[0] === 'session_taken') return { kind: 'session_taken', byRow: reply[1] };
    if (reply[0] !== 'recorded') return { kind: reply[0] };
    const [, batchState, recentEnds, failedRows] = reply;
    return { kind: 'recorded', batchState, failures: { recentEnds, failedRows } };
  }

  #rowKeys({ id }: BatchRef, row: number): [string, string, string] {
    return [
      this.#keys.underWay(id),
      this.#keys.outcomes(id, chunkOfRow(row)),
      this.#keys.again(id),
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
