import type { RetryFilter, RowChoice } from '../batch/choose-rows.ts';
import { countEffect, type Effect, effectOfCancelling } from '../batch/count-effect.ts';
import type { SteeringContext } from '../batch/steer-batch.ts';
import { type Batch, nextBatchState } from '../core/batch/batch.ts';
import { formatRows } from '../core/in-words.ts';
import type { OutcomeStatus } from '../core/row/row.ts';
import type { RowRanges } from '../core/row/row-ranges.ts';
import { type DaySources, readSessionsLeft } from '../gate/read-sessions-left.ts';
import { foretellCalls, foretellCancelling } from './foretell.ts';
import type { RequestOptions } from './option.ts';
import { toggle } from './schemas.ts';
import { refuseRequest } from './unusable-request.ts';

/** The options of acts that end rows or call them again. */
export const PREVIEW_OPTION = {
  dryRun: {
    schema: toggle,
    description: 'count what it would do, and change nothing',
    label: 'Only count',
    default: false,
  },
} satisfies RequestOptions;

/** The part of the store that counting needs. */
export type CountingContext = Pick<SteeringContext, 'store' | 'now'> & WithDay;

export interface WithDay {
  /** With null, the sessions of the day are not mentioned. */
  day: DaySources | null;
}

/** What an act would do, before it is done. */
export interface Preview {
  effect: Effect;
  /** In sentences. */
  sentence: string;
  /** Ask a person first, because live sessions would be doubled or many rows would end. */
  isWeighty: boolean;
}

/** An act that ends more rows than this asks first. */
export const MANY_ROWS = 100;

/** What calling the chosen rows again would do. */
export async function previewCalls(
  { store, now, day }: CountingContext,
  batch: Batch,
  choice: RowChoice,
): Promise<Preview | null> {
  if (!batch.isReadToEnd) return null;
  const effect = await countEffect(store, batch, choice, now());
  const isWeighty = effect.live + effect.unclear > 0;
  const sentence = foretellCalls(effect, { batch, day: await readSessionsLeft(day) });
  return { effect, sentence, isWeighty };
}

/** What cancelling would do; null when the batch has already ended. */
export function previewCancelling(batch: Batch): Preview | null {
  if (nextBatchState(batch.state, 'cancel') === null) return null;
  const effect = effectOfCancelling(batch);
  return { effect, sentence: foretellCancelling(effect), isWeighty: effect.rows > MANY_ROWS };
}

interface RetryRequest {
  statuses: readonly OutcomeStatus[] | null;
  codes: readonly string[] | null;
  rows: RowRanges | null;
}

/** @throws UnusableRequest for a row that the batch does not have. */
export function retryFilterOf(batch: Batch, { statuses, codes, rows }: RetryRequest): RetryFilter {
  const last = rows?.at(-1)?.to ?? 0;
  if (last > batch.rows) {
    const sentence = `There is no row ${last} in batch ${batch.id}; it has ${formatRows(batch.rows)}.`;
    throw refuseRequest('rows', sentence);
  }
  return { statuses: setOf(statuses), codes: setOf(codes), rows };
}

const setOf = <Value>(list: readonly Value[] | null): ReadonlySet<Value> | null =>
  list && new Set(list);
