import { type Batch, countWithoutSession } from '../../lib/core/batch/batch.ts';
import { countOpenRows, type OpenRows } from '../../lib/core/batch/count-open-rows.ts';
import { formatCount, formatNumber, formatRows } from '../../lib/core/in-words.ts';
import { collectRanges, nameFirstRows, type RowRanges } from '../../lib/core/row/row-ranges.ts';
import type { Stores } from '../../library/wiring/stores.ts';
import { findOpenRows } from '../../producer/mending/find-open-rows.ts';
import { listMending } from '../../producer/mending/list-mending.ts';

/** The rows of a batch that the batches that mend it still leave open; null when no batch mends it. */
export interface Mending extends OpenRows {
  /** The batches that mend it, the batches that mend those, and so on. */
  batches: string[];
  /**
   * Rows without a session that no fixed row stands for: how many, and at most 100 ranges of them. Null if reading
   * the rows would take longer than a person waits.
   */
  openRows: { count: number; ranges: RowRanges } | null;
  /** Sessions of fixed rows that match no row of the batch by key, cells or video; null as above. */
  unmatched: number | null;
}

const MOST_RANGES = 100;
/** `status` must answer at once, and each of these rows is read with its cells. */
const MOST_ROWS_READ = 50_000;

export async function readMending(
  stores: Pick<Stores, 'store' | 'overview' | 'rowIndex'>,
  batch: Batch,
): Promise<Mending | null> {
  const others = await listMending(stores, batch);
  if (others.length === 0) return null;
  const counted = { batches: others.map(({ id }) => id), ...countOpenRows(batch, others) };
  const sessions = others.map(({ counts }) => counts.succeeded + counts.reused);
  const read = sessions.reduce((sum, count) => sum + count, countWithoutSession(batch.counts));
  if (read > MOST_ROWS_READ) return { ...counted, openRows: null, unmatched: null };
  const { open, unmatched } = await findOpenRows({ ...stores, now: Date.now }, batch, others);
  const ranges = collectRanges(open).slice(0, MOST_RANGES);
  return { ...counted, openRows: { count: open.size, ranges }, unmatched };
}

export function describeMending(batch: Batch, mending: Mending | null): string[] {
  const mended = batch.mends === null ? [] : ['', `Mends ${batch.mends}.`];
  if (mending === null) return mended;
  const { batches, underWay } = mending;
  const moving =
    underWay > 0
      ? `; ${formatRows(underWay)} of these batches ${underWay === 1 ? 'is' : 'are'} under way`
      : '';
  return [
    ...mended,
    '',
    `Mended by ${batches.join(', ')}.`,
    `${countOpen(countWithoutSession(batch.counts), mending)}${moving}.`,
    ...nameOpen(batch, mending),
  ];
}

function countOpen(without: number, { open, openRows }: Mending): string {
  if (without === 0) return 'No row ended without a session';
  const isOne = without === 1;
  const ended = `${isOne ? 'row' : 'rows'} that ended without a session`;
  if (open === 0) {
    // Sessions of rows that the batch does not have count, too.
    const isCertain = openRows?.count === 0;
    const none = isOne
      ? `The ${ended} is no longer open`
      : `None of the ${formatCount(without)} ${ended} is still open`;
    return isCertain ? none : `By count, ${none.charAt(0).toLowerCase()}${none.slice(1)}`;
  }
  if (open < without) {
    const are = open === 1 ? 'is' : 'are';
    return `${formatCount(open)} of the ${formatCount(without)} ${ended} ${are} still open`;
  }
  return isOne
    ? `The ${ended} is still open`
    : `All ${formatCount(without)} ${ended} are still open`;
}

function nameOpen({ id }: Batch, { open, openRows, unmatched }: Mending): string[] {
  if (openRows === null || unmatched === null) {
    const shows = open === 0 ? 'compares the rows themselves' : 'shows which';
    return [`\`kling-sessions results ${id} --with-mends\` ${shows}.`];
  }
  if (openRows.count === 0) return [];
  const rows = nameFirstRows(openRows.ranges, openRows.count);
  if (unmatched === 0) return [`Open: ${rows}.`];
  const may = open === 0 ? `But ${rows} may be open` : `Some of ${rows} are open`;
  return [
    `${may}: ${formatNumber(unmatched, 'session')} of the mending batches could not be matched to a row by key, cells or video.`,
  ];
}
