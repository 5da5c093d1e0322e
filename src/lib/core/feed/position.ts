/**
 * A place in the feed of results: continue with this event, after this row of it. One event may mean many rows, so its
 * number alone is not enough.
 */
export interface Position {
  /** From 1; at most 2^40 - 1. */
  event: number;
  /** The last row of the event that was read; 0 before the first. */
  row: number;
}

export const FIRST_POSITION: Position = { event: 1, row: 0 };

/** The text form, for people and programs: `12-7`. */
export const formatPosition = ({ event, row }: Position): string => `${event}-${row}`;

/** Null for text that is not a position. */
export function parsePosition(text: string): Position | null {
  const match = /^([1-9]\d{0,12})-(\d{1,10})$/.exec(text);
  return match === null ? null : { event: Number(match[1]), row: Number(match[2]) };
}
