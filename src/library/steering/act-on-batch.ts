import type { Batch, BatchState } from '../../lib/core/batch/batch.ts';
import { type ActResult, type BatchVerb, carryOut } from '../../lib/requests/batch-acts.ts';
import { BatchError } from '../errors/batch-error.ts';
import { findBatch } from '../find-batch.ts';
import { daySourcesOf, type LimitSettings } from '../wiring/gate-policy.ts';
import type { Stores } from '../wiring/stores.ts';

export interface ActContext {
  stores: Stores;
  /** Who acts, for the history of the batch. */
  who: string;
  /** @throws UnusableRequest when this machine's time zone has no name. */
  machineZone: () => string;
  /** The limits where no worker runs. */
  settings: LimitSettings;
}

/** `already`: the batch was already in this state, so nothing was done. */
export type Acted =
  | { kind: 'done'; result: ActResult; sentence: string }
  | { kind: 'already'; batch: Batch };

/** The states that these acts lead to. */
const GOALS: Partial<Record<BatchVerb, BatchState>> = {
  pause: 'paused',
  resume: 'running',
  cancel: 'cancelled',
};

/**
 * Does something to a batch, with the parsed values of the act's options. May run twice.
 * @throws BatchError `not_possible` when its state does not allow it, `batch_not_found`; UnusableRequest.
 */
export async function actOnBatch(
  { stores, who, machineZone, settings }: ActContext,
  verb: BatchVerb,
  batch: Batch,
  request: object,
): Promise<Acted> {
  const day = daySourcesOf(stores, settings);
  const context = { ...stores, now: Date.now, machineZone, day };
  const ending = await carryOut(context, verb, batch, request, who);
  if (ending.kind === 'done') return ending;
  const present = await findBatch(stores.store, batch.id);
  if (present.state === GOALS[verb]) return { kind: 'already', batch: present };
  throw new BatchError('not_possible', batch.id, ending.sentence);
}
