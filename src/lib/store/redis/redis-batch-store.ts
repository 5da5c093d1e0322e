import type { Batch, BatchEvent, BatchRef, BatchState } from '../../core/batch/batch.ts';
import { chunkOfRow } from '../../core/batch/chunk.ts';
import type { ManifestRow, ManifestShape } from '../../core/manifest/manifest.ts';
import type { Source } from '../../core/manifest/source.ts';
import type { Outcome } from '../../core/row/outcome.ts';
import type { PendingState } from '../../core/row/row.ts';
import type { RowProgress } from '../../core/row/row-progress.ts';
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
import { GONE, nullWhenGone } from './batch-script.ts';
import { newBatchHash, parseBatchHash, storedOptions, storedShape } from './packing/batch-hash.ts';
import { ledgerEntry } from './packing/ledger-entry.ts';
import { packChunk } from './packing/pack-chunk.ts';
import { packOutcome } from './packing/pack-outcome.ts';
import {
  isDamagedProgress,
  packNewProgress,
  packProgress,
  stateInProgress,
  unpackProgress,
} from './packing/pack-progress.ts';
import { packRecord, withCalled } from './packing/pack-record.ts';
import { unpackRows } from './packing/pack-rows.ts';
import { digestSource } from './packing/source-digest.ts';
import { collectByRow } from './reading/collect-by-row.ts';
import { listUnderWay } from './reading/list-under-way.ts';
import { readBatchRecord } from './reading/read-batch-record.ts';
import { readAllEarlier } from './reading/read-earlier.ts';
import { readErrors } from './reading/read-errors.ts';
import { findUntouched, readOutcomes, readSomeOutcomes } from './reading/read-outcomes.ts';
import { RedisPart } from './redis-part.ts';
import {
  appendChunk,
  changeState,
  dispatchReply,
  markDispatched,
  noteEarlier,
  noteReading,
  openBatch,
  openReply,
  readDispatch,
  readRow,
  recordOutcome,
  recordReply,
  rowReply,
  stateReply,
  swapProgress,
  swapReply,
} from './store-scripts.ts';

const stateOf = (version: string): PendingState =>
  version === '' ? 'waiting' : stateInProgress(version);

/** The batch store on Redis. */
export class RedisBatchStore extends RedisPart implements BatchStore {
  async openBatch(draft: BatchDraft, nowMs: number): ReturnType<BatchStore['openBatch']> {
    const { id, identity, mends } = draft;
    const { identities, batches, batch, mending } = this.keys;
    const reply = openReply.parse(
      await openBatch.run(
        this.redis,
        { identities, batch: batch(id), batches, mending: mends === null ? [] : [mending(mends)] },
        { id, identity, nowMs, fields: newBatchHash(draft, nowMs) },
      ),
    );
    const { finishBy, window } = draft.arrangements;
    if (
      reply[0] !== 'conflict' &&
      (finishBy ?? window ?? draft.notify ?? draft.keepAlive ?? null) !== null
    ) {
      await this.redis.sadd(this.keys.arranged, reply[1]);
    }
    if (reply[0] === 'conflict') return { kind: 'conflict' };
    const [kind, knownId, incarnation] = reply;
    return { kind, batch: { id: knownId, incarnation } };
  }

  async findIdentical(identity: string): Promise<string | null> {
    const { identities, batch } = this.keys;
    const id = await this.redis.hget(identities, identity);
    return id !== null && (await this.redis.hexists(batch(id), 'id')) === 1 ? id : null;
  }

  async appendChunk(batch: BatchRef, chunk: Chunk, options: AppendOptions = {}): Promise<boolean> {
    const { index } = chunk;
    const given = await packChunk(chunk, options);
    const reply = await appendChunk.run(this.place, { ...batch, chunk: index }, given);
    if (reply === 'gap') throw new Error(`chunk ${index} of ${batch.id} came out of order`);
    const isOpen = reply !== 'closed' && reply !== GONE;
    if (isOpen) await this.#noteEarlier(batch, chunk);
    return isOpen;
  }

  /** A separate step that may run twice: a producer that is killed before it repeats it when it resumes the import. */
  async #noteEarlier(batch: BatchRef, { index, earlier }: Chunk): Promise<void> {
    if (earlier === undefined || earlier.size === 0) return;
    const rows = Array.from(earlier, ([row, outcome]) => ({ row, outcome: packOutcome(outcome) }));
    await noteEarlier.run(this.place, { ...batch, chunk: index }, { rows });
  }

  async finishImport(batch: BatchRef, shape: ManifestShape, nowMs: number): Promise<void> {
    await this.#noteReading(batch, shape, true);
    await this.changeState(batch, 'imported', null, nowMs);
  }

  async leaveImport(batch: BatchRef, shape: ManifestShape): Promise<void> {
    await this.#noteReading(batch, shape, false);
  }

  async #noteReading(batch: BatchRef, shape: ManifestShape, isWhole: boolean): Promise<void> {
    const given = { shape: storedShape.write(shape), isWhole: isWhole ? '1' : '0' };
    await noteReading.run(this.place, batch, given);
  }

  async changeState(
    batch: BatchRef,
    event: BatchEvent,
    reason: string | null,
    nowMs: number,
  ): Promise<BatchState | null> {
    const isNewEpoch = event === 'resume' || event === 'reopen' ? '1' : '0';
    const given = { event, reason: reason ?? '', isNewEpoch, nowMs };
    const reply = await changeState.run(this.place, batch, given);
    return stateReply.parse(nullWhenGone(reply));
  }

  async readBatch(batchId: string): Promise<Batch | null> {
    return await readBatchRecord(this.redis, this.keys, batchId);
  }

  async readErrors(batchId: string, limit: number): Promise<ErrorCount[]> {
    return await readErrors(this.redis, this.keys, batchId, limit);
  }

  async readDispatch(batchId: string): Promise<DispatchView | null> {
    const reply = await readDispatch.run(this.redis, {
      batch: this.keys.batch(batchId),
      underWay: this.keys.underWay(batchId),
      again: this.keys.again(batchId),
    });
    const [hash, known, again] = dispatchReply.parse(reply);
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
    const packed = await this.redis.getBuffer(this.keys.chunk(batchId, chunk));
    return packed === null ? null : await unpackRows(packed);
  }

  async markDispatched(
    batch: BatchRef,
    rows: { row: number; state: PendingState }[],
    lastRow: number,
    reopenings: number,
  ): Promise<void> {
    await markDispatched.run(
      this.place,
      { ...batch, chunk: chunkOfRow(lastRow) },
      {
        lastRow,
        reopeningsSeen: reopenings,
        rows: rows.map(({ row, state }) => ({
          row,
          progress: packNewProgress(state),
          state,
        })),
      },
    );
  }

  async readAgain(batchId: string, limit: number): Promise<number[]> {
    const rows = await this.redis.zrange(this.keys.again(batchId), 0, String(limit - 1));
    return rows.map(Number);
  }

  listUnderWay(batchId: string): AsyncIterable<Map<number, RowProgress>> {
    return listUnderWay(this.redis, this.keys, batchId);
  }

  async readRow(batch: BatchRef, row: number): Promise<RowView | null> {
    const target = { ...batch, chunk: chunkOfRow(row) };
    const reply = rowReply.parse(await readRow.run(this.place, target, { row }));
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

  versionOfNew(state: PendingState): string {
    return packNewProgress(state);
  }

  async swapProgress(
    batch: BatchRef,
    row: number,
    version: string,
    next: RowProgress,
    options: SwapOptions = {},
  ): Promise<SwapResult> {
    const text = packProgress(next);
    const target = { ...batch, chunk: chunkOfRow(row) };
    const { beginsCall } = options;
    const reply = swapReply.parse(
      await swapProgress.run(this.place, target, {
        row,
        expected: version,
        next: text,
        stateBefore: stateOf(version),
        stateAfter: next.state,
        isHandedBack: options.isHandedBack ? '1' : '0',
        beginsCall: beginsCall ? '1' : '0',
        perDay: beginsCall?.perDay ?? 0,
        dayEnd: beginsCall?.dayEnds[0] ?? 0,
        nextDayEnd: beginsCall?.dayEnds[1] ?? 0,
        givesBack: options.givesBack ?? '',
      }),
    );
    if (reply === 'swapped') return { kind: reply, version: text };
    if (typeof reply === 'string') return { kind: reply };
    const [kind, dayEndMs] = reply;
    return kind === 'begun' ? { kind, version: text, dayEndMs } : { kind, dayEndMs };
  }

  async recordOutcome(
    batch: BatchRef,
    row: number,
    version: string,
    outcome: Outcome,
    source: Source | null,
    options: Pick<SwapOptions, 'givesBack'> = {},
  ): Promise<RecordResult> {
    const digest = source === null ? null : digestSource(source);
    const ledger = ledgerEntry(batch, row, outcome, digest);
    const reply = recordReply.parse(
      await recordOutcome.run(
        this.place,
        { ...batch, chunk: chunkOfRow(row) },
        packRecord(withCalled(outcome, digest), {
          row,
          expected: version,
          stateBefore: stateOf(version),
          ledger,
          ledgers: ledger === null ? [] : [this.keys.ledger(ledger.hour, ledger.slice)],
          givesBack: options.givesBack ?? '',
        }),
      ),
    );
    if (reply === GONE) return { kind: 'gone' };
    if (reply[0] === 'session_taken') return { kind: 'session_taken', byRow: reply[1] };
    if (reply[0] !== 'recorded') return { kind: reply[0] };
    const [, batchState, recentEnds, failedRows] = reply;
    return { kind: 'recorded', batchState, failures: { recentEnds, failedRows } };
  }

  async readOutcomes(batchId: string, chunk: number): Promise<Map<number, Outcome>> {
    return await readOutcomes(this.place, batchId, chunk);
  }

  async readOutcomesOf(batchId: string, rows: number[]): Promise<Map<number, Outcome>> {
    const byChunk = new Map<number, number[]>();
    for (const row of rows) {
      const chunk = chunkOfRow(row);
      const others = byChunk.get(chunk);
      if (others === undefined) byChunk.set(chunk, [row]);
      else others.push(row);
    }
    const [found = new Map<number, Outcome>(), ...others] = await Promise.all(
      Array.from(byChunk, ([chunk, some]) => readSomeOutcomes(this.place, batchId, chunk, some)),
    );
    for (const more of others) for (const [row, outcome] of more) found.set(row, outcome);
    return found;
  }

  async readAllEarlier(batchId: string, chunk: number): Promise<Map<number, Outcome[]>> {
    return await readAllEarlier(this.redis, this.keys, batchId, chunk);
  }

  async findUntouched(batchId: string, rows: number[]): Promise<number[]> {
    const [first] = rows;
    if (first === undefined) return [];
    return await findUntouched(this.place, batchId, chunkOfRow(first), rows);
  }

  async readProgressOf(batchId: string, rows: number[]): Promise<Map<number, RowProgress>> {
    if (rows.length === 0) return new Map();
    const texts = await this.redis.hmget(this.keys.underWay(batchId), ...rows.map(String));
    return collectByRow(rows, texts, unpackProgress);
  }
}
