import { rowsWithSession } from '../../../lib/batch/choose-rows.ts';
import { countEffect } from '../../../lib/batch/count-effect.ts';
import { type Batch, countPending } from '../../../lib/core/batch/batch.ts';
import { formatNumber, formatRows, formatSpan } from '../../../lib/core/in-words.ts';
import { LEAST_LIFE_MS } from '../../../lib/core/row/decide-kept.ts';
import { MANY_ROWS } from '../../../lib/requests/preview.ts';
import type { BatchStore } from '../../../lib/store/batch-store.ts';
import type { ContinuationMeans } from '../../../producer/continuing/continue-import.ts';

/** What an import costs the batch that it continues, before anything is changed. */
export interface Foreseen {
  /** None when it costs nothing. */
  sentences: string[];
  /** A person should be asked first. */
  isWeighty: boolean;
}

/** Reads the outcomes of the batch even if none of its sessions is kept. */
export async function foreseeContinuing(
  store: BatchStore,
  batch: Batch,
  { isFresh, ending }: ContinuationMeans,
  nowMs: number,
): Promise<Foreseen> {
  const live = isFresh ? await describeLive(store, batch, nowMs) : null;
  const running = ending.filter(({ counts }) => countPending(counts) > 0);
  const pending = running.reduce((sum, { counts }) => sum + countPending(counts), 0);
  const ids = running.map(({ id }) => id).join(' and ');
  return {
    sentences: [
      ...(live === null ? [] : [`${live}, and all rows are called again.`]),
      ...(pending === 0
        ? []
        : [
            `${formatRows(pending)} of ${ids} ${pending === 1 ? 'has' : 'have'} not ended; ${pending === 1 ? 'it is' : 'they are'} cancelled there, and called in the new batch.`,
          ]),
    ],
    isWeighty: live !== null || pending > MANY_ROWS,
  };
}

/**
 * What it costs the batch that none of its rows keeps its session, found by comparing; null if no session lives. Reads
 * its outcomes.
 */
export async function foreseeCalls(
  store: BatchStore,
  batch: Batch,
  calls: number,
  nowMs: number,
): Promise<string | null> {
  // A session whose life is shorter is replaced in any case.
  const live = await describeLive(store, batch, nowMs, LEAST_LIFE_MS);
  return live && `${live}, and ${formatNumber(calls, 'call')} ${calls === 1 ? 'is' : 'are'} made.`;
}

/** Null if no session lives. */
async function describeLive(
  store: BatchStore,
  batch: Batch,
  nowMs: number,
  leastLifeMs = 0,
): Promise<string | null> {
  const found = await countEffect(store, batch, rowsWithSession(nowMs + leastLifeMs), nowMs);
  if (found.rows === 0) return null;
  const longest = formatSpan(found.longestLifeMs);
  return found.rows === 1
    ? `1 row of ${batch.id} has a session that lives for another ${longest}; it is not kept`
    : `${formatRows(found.rows)} of ${batch.id} have a session that lives, the longest for another ${longest}; none is kept`;
}
