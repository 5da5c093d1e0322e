import type { AppendOptions, Chunk } from '../../batch-store.ts';
import { packEnding } from './pack-record.ts';
import { packRows } from './pack-rows.ts';
import { digestSource } from './source-digest.ts';

/** A chunk as `append-chunk.lua` takes it. */
export async function packChunk(chunk: Chunk, { afterCancel = false }: AppendOptions) {
  const { index, rows, outcomes, sharedUrls } = chunk;
  const widest = rows.reduce((width, { cells }) => Math.max(width, cells.length), 0);
  const digests = sharedUrls.map((videoUrl) => digestSource({ kind: 'url', videoUrl }).digest);
  return {
    index,
    packedRows: await packRows(rows),
    rows: rows.length,
    widest,
    afterCancel: afterCancel ? '1' : '',
    sharedDigests: JSON.stringify(digests),
    known: Array.from(outcomes, ([row, outcome]) => ({ row, ...packEnding(outcome) })),
  };
}
