import {
  BATCH_ACTS,
  type BatchAct,
  type BatchVerb,
  REASON_OPTION,
} from '../../lib/requests/batch-acts.ts';
import { parseRequest } from '../../lib/requests/option.ts';
import { findBatch } from '../find-batch.ts';
import type { BatchState } from '../watching/batch-progress.ts';
import { type ActContext, actOnBatch } from './act-on-batch.ts';
import type {
  ActOptions,
  CancelOptions,
  RefreshOptions,
  RetryOptions,
  RowsResult,
  StateResult,
} from './steering-options.ts';

type Acted = { sentence: string; result: object };

/** Pauses, resumes or cancels. */
export async function changeState(
  context: ActContext,
  verb: 'pause' | 'resume' | 'cancel',
  batchId: string,
  options: CancelOptions,
): Promise<StateResult> {
  const { result, sentence } = await act(context, verb, batchId, options);
  return { batchId, state: (result as { state: BatchState }).state, sentence };
}

/** Retries or refreshes. */
export async function callAgain(
  context: ActContext,
  verb: 'retry' | 'refresh',
  batchId: string,
  options: RetryOptions | RefreshOptions,
): Promise<RowsResult> {
  const { result, sentence } = await act(context, verb, batchId, options);
  const { rows, live, unclear } = result as RowsResult;
  return { batchId, rows, live, unclear, sentence };
}

async function act(
  context: ActContext,
  verb: BatchVerb,
  batchId: string,
  { signal: _, ...given }: ActOptions,
): Promise<Acted> {
  const { options }: BatchAct = BATCH_ACTS[verb];
  const request = parseRequest({ ...options, ...REASON_OPTION }, { ...given });
  const batch = await findBatch(context.stores.store, batchId);
  const acted = await actOnBatch(context, verb, batch, request);
  if (acted.kind === 'done') return acted;
  const { id, state } = acted.batch;
  return { result: { state }, sentence: `${id} is already ${state}.` };
}
