/** Rows per chunk. Never changes, because a row's chunk follows from its number. */
export const CHUNK_ROWS = 500;

/** The chunk, from 0, that holds a row, from 1. */
export const chunkOfRow = (row: number): number => Math.floor((row - 1) / CHUNK_ROWS);

export const firstRowOfChunk = (chunk: number): number => chunk * CHUNK_ROWS + 1;

/** For a chunk of a batch with this many rows. */
export const lastRowOfChunk = (chunk: number, rows: number): number =>
  Math.min(rows, (chunk + 1) * CHUNK_ROWS);

export const countChunks = (rows: number): number => Math.ceil(rows / CHUNK_ROWS);
