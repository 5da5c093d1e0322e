import type { Logger } from 'pino';
import {
  othersOf,
  type PaceReading,
  type PaceSources,
  readPace,
} from '../../lib/batch/read-pace.ts';
import type { Batch } from '../../lib/core/batch/batch.ts';
import {
  forecastEndMs,
  hasOpenDeadline,
  isPaceTelling,
} from '../../lib/core/batch/forecast-end.ts';
import type { Notices } from '../../lib/notice/notice.ts';
import type { BatchStore } from '../../lib/store/batch-store.ts';
import type { BatchWatch } from '../../lib/store/batch-watch.ts';
import { passOver } from './pass-over.ts';
import { TOP_ERRORS } from './send-batch-notices.ts';

export interface DeadlineContext {
  paceSources: PaceSources;
  store: BatchStore;
  watch: BatchWatch;
  notices: Notices;
  now: () => number;
  log: Logger;
}

/** Sends a notice, once for each batch, that it will probably miss its deadline. */
export async function watchDeadlines(context: DeadlineContext): Promise<void> {
  const { watch, now, paceSources } = context;
  const nowMs = now();
  const concerned: Batch[] = [];
  for await (const batch of watch.listArranged()) {
    if (hasOpenDeadline(batch, nowMs)) concerned.push(batch);
  }
  if (concerned.length === 0) return;
  const reading = await readPace(paceSources);
  for (const batch of concerned) {
    await passOver(context.log, batch.id, () => judge(context, batch, reading, nowMs));
  }
}

async function judge(
  context: DeadlineContext,
  batch: Batch,
  reading: PaceReading,
  nowMs: number,
): Promise<void> {
  const { store, watch, notices, log } = context;
  const { finishBy } = batch.arrangements;
  const { endMs, isAssumed } = forecast(batch, reading, nowMs);
  if (finishBy === null || endMs <= finishBy.atMs) return;
  const stands =
    reading.gate.mode === 'blocked' || (batch.state === 'paused' && !batch.isOutsideWindow);
  const expectedEndMs = stands || !Number.isFinite(endMs) ? null : endMs;
  const notify = await watch.readNotify(batch.id);
  const errors = await store.readErrors(batch.id, TOP_ERRORS);
  await notices.send({ kind: 'deadline_at_risk', batch, errors, notify, expectedEndMs, isAssumed });
  // Recorded after the notice is stored. The notice's id makes sure that it is sent once, even
  // after interruptions.
  await watch.noteRisk(batch, nowMs);
  log.warn({ batch: batch.id, finishByMs: finishBy.atMs, expectedEndMs }, 'deadline at risk');
}

/** A pace measured too early looks too slow and would cause a false warning. */
function forecast(
  batch: Batch,
  reading: PaceReading,
  nowMs: number,
): { endMs: number; isAssumed: boolean } {
  const { measuredRowsPerSecond: measured, assumedRowsPerSecond: assumed, gate } = reading;
  const isAssumed = measured === 0 || (measured < assumed && !isPaceTelling(batch, nowMs));
  const others = othersOf(reading.running.filter(({ id }) => id !== batch.id));
  const pace = { rowsPerSecond: isAssumed ? assumed : measured, priority: batch.priority, others };
  // The gate uses the clock of Redis.
  const shutMs = Math.max(0, (gate.untilMs ?? 0) - reading.nowMs);
  return { endMs: forecastEndMs({ batch, pace, fromMs: nowMs + shutMs }), isAssumed };
}
