import type { Keys } from '../../keys.ts';

/** Chunks whose keys are deleted in one step: some hundred keys. */
export const REMOVED_CHUNKS = 100;

/** The keys of `REMOVED_CHUNKS` chunks of a batch. */
export const keysOfChunks = (keys: Keys, batchId: string, firstChunk: number): string[] =>
  Array.from({ length: REMOVED_CHUNKS }, (_, offset) => firstChunk + offset).flatMap((chunk) =>
    [keys.chunk, keys.outcomes, keys.keptBlock, keys.earlier, keys.keyIndex].map((key) =>
      key(batchId, chunk),
    ),
  );

/** The keys of a batch, except those of its chunks and its own record. */
export const keysBeside = (keys: Keys, batchId: string): string[] =>
  [
    keys.marks,
    keys.underWay,
    keys.again,
    keys.errors,
    keys.pace,
    keys.sessions,
    keys.expiringChunks,
    keys.latestSessions,
    keys.history,
    keys.probeMemory,
    keys.mending,
    keys.batchMinutes,
    keys.batchTens,
    keys.batchHours,
  ].map((key) => key(batchId));
