import { setTimeout as wait } from 'node:timers/promises';
import type { Act } from '../core/act.ts';
import { type Batch, isEnded } from '../core/batch/batch.ts';
import { cancellationOf } from '../core/row/cancellation.ts';
import { composeOutcome } from '../core/row/compose-outcome.ts';
import { withLostCall } from '../core/row/row-progress.ts';
import type { BatchStore } from '../store/batch-store.ts';
import { cancelBatch, type SteeringContext } from './steer-batch.ts';

export interface SuccessionContext extends SteeringContext {
  /** Processes that may be calling for rows at present. */
  countWorkers: () => Promise<number>;
  signal: AbortSignal;
}

const LOOK_MS = 200;
/** No call lasts that long (`API_TIMEOUT`, and the time to record its end). */
const LONGEST_CALL_MS = 10 * 60_000;

/**
 * Ends a batch whose rows another batch takes over, so that no row is called for both. Waiting rows are cancelled,
 * sessions are no longer renewed, and calls under way end first. If no worker is running, such a call was lost with
 * its worker. May run twice. Null if the batch is gone, or still has a call under way after 10 minutes.
 */
export async function endForSuccessor(
  context: SuccessionContext,
  batch: Batch,
  act: Act,
): Promise<Batch | null> {
  const { store, now, countWorkers, signal } = context;
  if (isEnded(batch.state) && !isKeptAlive(batch)) return batch;
  await cancelBatch(context, batch, act);
  const untilMs = now() + LONGEST_CALL_MS;
  while (now() < untilMs) {
    const present = await store.readBatch(batch.id);
    if (present === null) return null;
    const isAlone = (await countWorkers()) === 0;
    if (isEnded(present.state) && (isAlone || present.renewalCalls === 0)) return present;
    if (isAlone) await endLostCalls(context, batch);
    else await wait(LOOK_MS, undefined, { signal });
  }
  return null;
}

/** Its sessions are renewed, or one is being renewed. */
const isKeptAlive = ({ keepAlive, renewalCalls }: Batch): boolean =>
  keepAlive !== null || renewalCalls > 0;

async function endLostCalls(
  { store, now }: { store: BatchStore; now: () => number },
  batch: Batch,
): Promise<void> {
  for await (const underWay of store.listUnderWay(batch.id)) {
    for (const row of underWay.keys()) {
      const view = await store.readRow(batch, row);
      if (view === null || view.progress === null) continue;
      const { progress, version } = view;
      const outcome = composeOutcome(cancellationOf(progress), withLostCall(progress), now());
      await store.recordOutcome(batch, row, version, outcome, null);
    }
  }
}
