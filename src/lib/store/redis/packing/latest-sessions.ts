import { hash } from 'node:crypto';

/** See `record-outcome.lua`, which writes the table: rows of four bytes each, in sets of four. */
const ROW_BYTES = 4;
const SET_BYTES = 16;
const MOST_SETS = 16_384;

/** Decides the set of a session. */
export const hashOfSession = (sessionId: string): number =>
  hash('sha1', sessionId, 'buffer').readUInt32BE();

/** The bytes of a session's set in a batch with this many rows; `end` is the last one. */
export function setOfSession(sessionId: string, rows: number): { start: number; end: number } {
  const sets = Math.max(1, Math.min(Math.ceil(rows / 2), MOST_SETS));
  const start = (hashOfSession(sessionId) % sets) * SET_BYTES;
  return { start, end: start + SET_BYTES - 1 };
}

/** The rows of a set, as far as it is filled. */
export const rowsInSet = (set: Buffer): number[] =>
  Array.from({ length: Math.floor(set.length / ROW_BYTES) }, (_, at) =>
    set.readUInt32BE(at * ROW_BYTES),
  ).filter((row) => row > 0);
