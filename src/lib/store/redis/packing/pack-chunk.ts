import { markOf } from '../../../core/row/row-mark.ts';
import type { Chunk } from '../../batch-store.ts';
import { packMark } from './pack-mark.ts';
import { packOutcome } from './pack-outcome.ts';
import { packRows } from './pack-rows.ts';
import { digestSource } from './source-digest.ts';

/** A chunk as `append-chunk.lua` takes it. */
export async function packChunk(chunk: Chunk): Promise<(string | number | Buffer)[]> {
  const { index, rows, outcomes, sharedUrls } = chunk;
  const widest = rows.reduce((width, { cells }) => Math.max(width, cells.length), 0);
  return [
    index,
    await packRows(rows),
    rows.length,
    widest,
    outcomes.size,
    ...[...outcomes].flatMap(([row, outcome]) => [
      row,
      packOutcome(outcome),
      outcome.status,
      outcome.error?.code ?? '',
      outcome.error?.message ?? '',
      packMark(markOf(outcome)),
    ]),
    ...sharedUrls.map((videoUrl) => digestSource({ kind: 'url', videoUrl }).digest),
  ];
}
