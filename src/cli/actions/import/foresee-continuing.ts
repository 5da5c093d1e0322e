import { rowsWithSession } from '../../../lib/batch/choose-rows.ts';
import { countEffect } from '../../../lib/batch/count-effect.ts';
import { type Batch, countPending } from '../../../lib/core/batch/batch.ts';
import { formatRows, formatSpan } from '../../../lib/core/in-words.ts';
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
  const { rows, longestLifeMs } = isFresh
    ? await countEffect(store, batch, rowsWithSession(nowMs), nowMs)
    : { rows: 0, longestLifeMs: 0 };
  const running = ending.filter(({ counts }) => countPending(counts) > 0);
  const pending = running.reduce((sum, { counts }) => sum + countPending(counts), 0);
  const ids = running.map(({ id }) => id).join(' and ');
  const longest = formatSpan(longestLifeMs);
  return {
    sentences: [
      ...(rows === 0
        ? []
        : [
            `${formatRows(rows)} of ${batch.id} ${rows === 1 ? 'has a session that lives' : 'have a session that lives, the longest'} for another ${longest}; none is kept, and all rows are called again.`,
          ]),
      ...(pending === 0
        ? []
        : [
            `${formatRows(pending)} of ${ids} ${pending === 1 ? 'has' : 'have'} not ended; ${pending === 1 ? 'it is' : 'they are'} cancelled there, and called in the new batch.`,
          ]),
    ],
    isWeighty: rows > 0 || pending > MANY_ROWS,
  };
}
