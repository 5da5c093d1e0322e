import { setTimeout as wait } from 'node:timers/promises';
import { type BatchRef, isEnded } from '../core/batch/batch.ts';
import { FIRST_POSITION, type Position } from '../core/feed/position.ts';
import { isRedisTrouble } from '../redis/trouble.ts';
import {
  type Result,
  type ResultPage,
  type ResultsContext,
  type ResultsQuery,
  readResults,
} from './read-results.ts';

export interface FollowOptions {
  /** Null for the first change. */
  from: Position | null;
  /** Null follows all batches, without end. */
  batch: BatchRef | null;
  signal: AbortSignal;
  /** How often the end of the feed is checked, in ms. Default 500. */
  everyMs?: number;
  /** Trouble of Redis passes: called with the error when it begins, and with null when it is over. */
  onTrouble?: (error: Error | null) => void;
}

const RESULTS_AT_ONCE = 500;
const DEFAULT_EVERY_MS = 500;

/**
 * Yields rows as they change, in pages that are never empty, until the batch has ended and its sessions are no longer
 * kept alive, or it was removed, or `signal` is aborted. A reader that continues from the position of its last result misses nothing.
 * @throws any error that is not trouble of Redis.
 */
export async function* followResults(
  context: ResultsContext,
  { batch, signal, everyMs = DEFAULT_EVERY_MS, ...options }: FollowOptions,
): AsyncGenerator<Result[]> {
  const patiently = retryInTrouble({ ...options, signal, everyMs });
  let from = await patiently(async () => options.from ?? (await firstPosition(context, batch)));
  while (from !== null && !signal.aborted) {
    const query: ResultsQuery = { from, batch, limit: RESULTS_AT_ONCE };
    const look = await patiently(() => lookOnce(context, query));
    if (look === null) return;
    if (look.page.results.length > 0) yield look.page.results;
    if (look.page.isAtEnd && look.isOver) return;
    if (look.page.isAtEnd) await pause(everyMs, signal);
    from = look.page.next;
  }
}

/** Where the results of one batch, or of all, begin; null if the batch was removed. */
export async function firstPosition(
  { feed }: ResultsContext,
  batch: BatchRef | null,
): Promise<Position | null> {
  if (batch === null) return FIRST_POSITION;
  const event = await feed.firstEventOf(batch);
  return event === null ? null : { event, row: 0 };
}

/** The end is checked before the page is read, so that the page has every change up to the end. */
async function lookOnce(
  context: ResultsContext,
  query: ResultsQuery,
): Promise<{ page: ResultPage; isOver: boolean }> {
  const isOver = query.batch !== null && (await hasEnded(context, query.batch));
  return { page: await readResults(context, query), isOver };
}

async function hasEnded(
  { store }: ResultsContext,
  { id, incarnation }: BatchRef,
): Promise<boolean> {
  const batch = await store.readBatch(id);
  if (batch === null || batch.incarnation !== incarnation) return true;
  const isKeptAlive = batch.keepAlive !== null && Date.now() < batch.keepAlive.untilMs;
  return isEnded(batch.state) && !isKeptAlive && batch.renewalCalls === 0;
}

type Patiently = <T>(look: () => Promise<T>) => Promise<T | null>;

/** Looks again until Redis answers; null when `signal` is aborted before. */
function retryInTrouble({
  signal,
  everyMs,
  onTrouble,
}: Pick<FollowOptions, 'signal' | 'onTrouble'> & { everyMs: number }): Patiently {
  return async (look) => {
    let trouble: Error | null = null;
    while (!signal.aborted) {
      const found = await attempt(look);
      if (found.ok) {
        if (trouble !== null) onTrouble?.(null);
        return found.value;
      }
      if (trouble === null) onTrouble?.(found.trouble);
      trouble = found.trouble;
      await pause(everyMs, signal);
    }
    return null;
  };
}

type Attempt<T> = { ok: true; value: T } | { ok: false; trouble: Error };

async function attempt<T>(look: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { ok: true, value: await look() };
  } catch (error) {
    if (!(error instanceof Error && isRedisTrouble(error))) throw error;
    return { ok: false, trouble: error };
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  wait(ms, undefined, { signal }).catch(() => undefined);
