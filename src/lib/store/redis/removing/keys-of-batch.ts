import type { Keys } from '../../keys.ts';

/** Chunks whose keys go in one step: some hundred keys. */
export const REMOVED_CHUNKS = 100;

/** What a batch has of each of its chunks, for `REMOVED_CHUNKS` of them. */
export const keysOfChunks = (keys: Keys, batchId: string, firstChunk: number): string[] =>
  Array.from({ length: REMOVED_CHUNKS }, (_, offset) => firstChunk + offset).flatMap((chunk) =>
    [keys.chunk, keys.outcomes, keys.earlier].map((key) => key(batchId, chunk)),
  );

/** What a batch has beside its chunks and itself. */
export const keysBeside = (keys: Keys, batchId: string): string[] =>
  [
    keys.marks,
    keys.underWay,
    keys.again,
    keys.errors,
    keys.pace,
    keys.sessions,
    keys.latestSessions,
    keys.history,
    keys.probeMemory,
    keys.mending,
  ].map((key) => key(batchId));
