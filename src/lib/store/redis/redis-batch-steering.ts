import type { Batch, BatchRef, BatchState } from '../../core/batch/batch.ts';
import { chunkOfRow } from '../../core/batch/chunk.ts';
import type { KeepAlive } from '../../core/renewal/keep-alive.ts';
import type { Outcome } from '../../core/row/outcome.ts';
import { newRowProgress } from '../../core/row/row-progress.ts';
import type { BatchSteering, HistoryEntry } from '../batch-steering.ts';
import {
  FEED_KEYS,
  KEPT_CONSTANTS,
  loadBatchScript,
  nullWhenGone,
  PENDING_COUNTERS,
  TRANSITIONS,
} from './batch-script.ts';
import { storedKeepAlive } from './packing/batch-hash.ts';
import { readHistoryEntry, writeHistoryEntry } from './packing/history-entry.ts';
import { FEED_CONSTANTS } from './packing/pack-feed-event.ts';
import { unpackEarlier } from './packing/pack-outcome.ts';
import { packProgress } from './packing/pack-progress.ts';
import { packEnding } from './packing/pack-record.ts';
import { RedisPart } from './redis-part.ts';
import { removeDamaged } from './removing/remove-damaged.ts';
import { removeStored } from './removing/remove-stored.ts';
import { setFields, stateReply } from './store-scripts.ts';

const cancelBatch = loadBatchScript('cancel-batch', {
  keys: ['underWay', 'again', 'untold', ...FEED_KEYS],
  args: ['reason', 'nowMs'],
  constants: {
    whenCancelled: TRANSITIONS.cancel,
    whenAllEnded: TRANSITIONS.all_rows_ended,
    pendingCounters: PENDING_COUNTERS,
    ...FEED_CONSTANTS,
  },
  uses: ['count-pending', 'announce'],
});
const cancelRows = loadBatchScript('cancel-rows', {
  keys: ['underWay', 'untold', ...FEED_KEYS],
  args: ['nowMs'],
  rest: 'rows',
  constants: { whenAllEnded: TRANSITIONS.all_rows_ended, ...FEED_CONSTANTS },
  uses: ['announce'],
});
const reopenRows = loadBatchScript('reopen-rows', {
  keys: [
    'outcomes',
    'keptBlock',
    'underWay',
    'again',
    'errors',
    'earlier',
    'sessions',
    'marks',
    ...FEED_KEYS,
  ],
  args: [],
  rest: 'ended',
  fields: ['row', 'outcome', 'status', 'errorCode', 'sessionBucket', 'possibleOrphans', 'progress'],
  constants: { ...KEPT_CONSTANTS, ...FEED_CONSTANTS },
  uses: ['kept-rows', 'take-back', 'announce'],
});
const uncancelRows = loadBatchScript('uncancel-rows', {
  keys: FEED_KEYS,
  args: [],
  constants: FEED_CONSTANTS,
  uses: ['announce'],
});
const uncancelChosen = loadBatchScript('uncancel-chosen', {
  keys: ['outcomes', 'keptBlock', 'underWay', 'again', ...FEED_KEYS],
  args: ['progress'],
  rest: 'rows',
  constants: { ...KEPT_CONSTANTS, ...FEED_CONSTANTS },
  uses: ['kept-rows', 'announce'],
});
const pauseItself = loadBatchScript('pause-itself', {
  keys: ['untold'],
  args: ['reason', 'nowMs'],
  constants: { whenPaused: TRANSITIONS.pause },
});
const pauseAtLimit = loadBatchScript('pause-at-limit', {
  keys: ['untold'],
  args: ['reason', 'nowMs'],
  constants: { whenPaused: TRANSITIONS.pause },
});
const setMaxSessions = loadBatchScript('set-max-sessions', {
  keys: [],
  args: ['most'],
  constants: { whenResumed: TRANSITIONS.resume },
});
const setKeepAlive = loadBatchScript('set-keep-alive', {
  keys: ['arranged'],
  args: ['keepAlive'],
});
const setReport = loadBatchScript('set-report', {
  keys: ['untold'],
  args: ['place', 'shown', 'nowMs'],
});
const keepWindow = loadBatchScript('keep-window', {
  keys: [],
  args: ['event', 'reason', 'shutSinceMs'],
  constants: { transitions: TRANSITIONS },
});
const takeOverPause = loadBatchScript('take-over-pause', { keys: [], args: ['reason'] });
const forgetProbes = loadBatchScript('forget-probes', {
  keys: ['probeMemory'],
  args: [],
  rest: 'digests',
});
const addHistory = loadBatchScript('add-history', {
  keys: ['history'],
  args: ['entry', 'keptEntries'],
});

const readState = (reply: unknown): BatchState | null => stateReply.parse(nullWhenGone(reply));

const KEPT_HISTORY = 1_000;
const PROBES_AT_ONCE = 500;
const ROWS_AT_ONCE = 500;

/** Steering on Redis. */
export class RedisBatchSteering extends RedisPart implements BatchSteering {
  async cancel(batch: BatchRef, reason: string | null, nowMs: number): Promise<BatchState | null> {
    const given = { reason: reason ?? '', nowMs };
    const state = readState(await cancelBatch.run(this.place, batch, given));
    return state === 'cancelling' ? await this.#cancelBegun(batch, nowMs) : state;
  }

  /** If this is interrupted, workers finish it: such rows are in their queues, or return there. */
  async #cancelBegun(batch: BatchRef, nowMs: number): Promise<BatchState | null> {
    const underWay = this.keys.underWay(batch.id);
    let state: BatchState | null = 'cancelling';
    let cursor = '0';
    do {
      const [next, found] = await this.redis.hscan(underWay, cursor, 'COUNT', ROWS_AT_ONCE);
      const rows = found.filter((_, index) => index % 2 === 0);
      state = readState(await cancelRows.run(this.place, batch, { nowMs, rows }));
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
    const ended = Array.from(outcomes, ([row, outcome]) => ({ row, ...packReopening(outcome) }));
    const reopened = await reopenRows.run(this.place, { ...batch, chunk }, { ended });
    return Number(nullWhenGone(reopened));
  }

  async uncancelRows(batch: BatchRef): Promise<number> {
    return Number(nullWhenGone(await uncancelRows.run(this.place, batch)));
  }

  async uncancelChosen(batch: BatchRef, chunk: number, rows: number[]): Promise<number> {
    if (rows.length === 0) return 0;
    const given = { progress: packProgress(newRowProgress('waiting')), rows };
    return Number(nullWhenGone(await uncancelChosen.run(this.place, { ...batch, chunk }, given)));
  }

  async forgetProbes(batch: BatchRef): Promise<void> {
    const key = this.keys.probeMemory(batch.id);
    let cursor = '0';
    do {
      const [next, found] = await this.redis.hscan(key, cursor, 'COUNT', PROBES_AT_ONCE);
      const digests = found.filter((_, index) => index % 2 === 0);
      if (digests.length > 0) await forgetProbes.run(this.place, batch, { digests });
      cursor = next;
    } while (cursor !== '0');
  }

  async setPriority(batch: BatchRef, priority: number): Promise<void> {
    await setFields.run(this.place, batch, { fields: ['priority', priority] });
  }

  async pauseItself(batch: BatchRef, reason: string, nowMs: number): Promise<BatchState | null> {
    return readState(await pauseItself.run(this.place, batch, { reason, nowMs }));
  }

  async pauseAtLimit(batch: BatchRef, reason: string, nowMs: number): Promise<BatchState | null> {
    return readState(await pauseAtLimit.run(this.place, batch, { reason, nowMs }));
  }

  async setMaxSessions(batch: BatchRef, maxSessions: number | null): Promise<BatchState | null> {
    return readState(await setMaxSessions.run(this.place, batch, { most: maxSessions ?? '' }));
  }

  async setKeepAlive(batch: BatchRef, keepAlive: KeepAlive | null): Promise<BatchState | null> {
    const given = { keepAlive: keepAlive === null ? '' : storedKeepAlive.write(keepAlive) };
    return readState(await setKeepAlive.run(this.place, batch, given));
  }

  async setReport(
    batch: BatchRef,
    { place, shown }: { place: string; shown: string },
    nowMs: number,
  ): Promise<boolean> {
    return (await setReport.run(this.place, batch, { place, shown, nowMs })) === 1;
  }

  async pauseOutsideWindow(
    batch: BatchRef,
    reason: string,
    shutSinceMs: number,
  ): Promise<BatchState | null> {
    const given = { event: 'pause', reason, shutSinceMs };
    return readState(await keepWindow.run(this.place, batch, given));
  }

  async resumeInsideWindow(batch: BatchRef): Promise<BatchState | null> {
    const given = { event: 'resume', reason: '', shutSinceMs: '' };
    return readState(await keepWindow.run(this.place, batch, given));
  }

  async ignoreWindow(batch: BatchRef, shutSinceMs: number): Promise<void> {
    await setFields.run(this.place, batch, { fields: ['windowHeededMs', shutSinceMs] });
  }

  async takeOverPause(batch: BatchRef, reason: string): Promise<boolean> {
    return (await takeOverPause.run(this.place, batch, { reason })) === 1;
  }

  async addHistory(batch: BatchRef, entry: HistoryEntry): Promise<void> {
    const given = { entry: writeHistoryEntry(entry), keptEntries: KEPT_HISTORY };
    await addHistory.run(this.place, batch, given);
  }

  async readHistory(batchId: string): Promise<HistoryEntry[]> {
    const texts = await this.redis.lrange(this.keys.history(batchId), 0, KEPT_HISTORY - 1);
    return texts.map(readHistoryEntry);
  }

  async readEarlier(batchId: string, row: number): Promise<Outcome[]> {
    const key = this.keys.earlier(batchId, chunkOfRow(row));
    return unpackEarlier(await this.redis.hget(key, String(row)));
  }

  async remove(batch: Batch, nowMs: number): Promise<void> {
    await removeStored(this.place, batch, nowMs);
  }

  async removeDamaged(batchId: string): Promise<void> {
    await removeDamaged(this.place, batchId);
  }
}

/** All that an outcome once added, so that it can be subtracted again. */
function packReopening(outcome: Outcome) {
  const { possibleOrphans = 0, unclearCalls: lostCallTimes = [] } = outcome;
  const lost = { lostCalls: possibleOrphans, lostCallTimes };
  const progress = packProgress({ ...newRowProgress('waiting'), ...lost });
  return { ...packEnding(outcome), possibleOrphans, progress };
}
