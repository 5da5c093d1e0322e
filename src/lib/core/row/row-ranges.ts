import { formatCount } from '../in-words.ts';

/** Ranges of row numbers, both ends included, in order and with a gap between them. */
export type RowRanges = readonly RowRange[];

export interface RowRange {
  from: number;
  to: number;
}

const RANGE = /^([1-9]\d{0,9})(?:\s*[-–]\s*([1-9]\d{0,9}))?$/;

/** Reads parts such as `7` and `12-15`, in any order; undefined when one is neither. */
export function parseRowRanges(parts: readonly string[]): RowRanges | undefined {
  const ranges: RowRange[] = [];
  for (const part of parts) {
    const [, from, to = from] = RANGE.exec(part.trim()) ?? [];
    if (from === undefined || Number(to) < Number(from)) return undefined;
    ranges.push({ from: Number(from), to: Number(to) });
  }
  return ranges.length === 0 ? undefined : merge(ranges);
}

function merge(ranges: RowRange[]): RowRange[] {
  const merged: RowRange[] = [];
  for (const { from, to } of ranges.sort((one, other) => one.from - other.from)) {
    const last = merged.at(-1);
    if (last === undefined || from > last.to + 1) merged.push({ from, to });
    else last.to = Math.max(last.to, to);
  }
  return merged;
}

/** Whether any row from `first` to `last` is in the ranges. The cost is logarithmic in their number. */
export function hasRows(ranges: RowRanges, first: number, last = first): boolean {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.to ?? 0) < first) low = middle + 1;
    else high = middle;
  }
  return (ranges[low]?.from ?? Number.POSITIVE_INFINITY) <= last;
}

export const countRanges = (ranges: RowRanges): number =>
  ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);

/** `7`, `12-15`. */
export const writeRowRanges = (ranges: RowRanges): string[] =>
  ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`));

/** The ranges of rows that come in order. */
export function collectRanges(rows: Iterable<number>): RowRanges {
  const ranges: RowRange[] = [];
  for (const row of rows) {
    const last = ranges.at(-1);
    if (last !== undefined && row === last.to + 1) last.to = row;
    else ranges.push({ from: row, to: row });
  }
  return ranges;
}

const MOST_NAMED = 10;

/** `row 7`, `rows 7, 12-15 and 230 more`: `total` rows, of which these ranges are the first. */
export function nameFirstRows(ranges: RowRanges, total: number): string {
  const named = ranges.slice(0, MOST_NAMED);
  const rest = total - countRanges(named);
  const more = rest > 0 ? ` and ${formatCount(rest)} more` : '';
  return `${total === 1 ? 'row' : 'rows'} ${writeRowRanges(named).join(', ')}${more}`;
}

const LONGEST_NAME = 60;

/** `7, 12-15`, cut to about 60 characters: for sentences. */
export function nameRows(ranges: RowRanges): string {
  const named = writeRowRanges(ranges).join(', ');
  return named.length > LONGEST_NAME ? `${named.slice(0, LONGEST_NAME)}…` : named;
}
