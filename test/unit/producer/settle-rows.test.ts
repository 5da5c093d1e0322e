import { expect, test } from 'vitest';
import type { ManifestShape } from '../../../src/lib/core/manifest/manifest.ts';
import { comparableCells } from '../../../src/producer/comparable-cells.ts';
import { RowSettler, settleRows } from '../../../src/producer/settle-rows.ts';

const shape: ManifestShape = {
  format: 'csv',
  delimiter: ',',
  columns: ['sku', 'video_url'],
  roles: { video_url: 'video_url', video_id: null, task_id: null, video_created_at: null },
};
const signed = 'https://cdn.example.com/a.mp4?Expires=1&Signature=';

test.each([
  ['signed twice', `${signed}b`, `${signed}c`],
  ['with white space around it', 'https://cdn.example.com/a.mp4', ' https://cdn.example.com/a.mp4'],
  ['with a place in it', 'https://cdn.example.com/a.mp4', 'https://cdn.example.com/a.mp4#t=3'],
])('an address %s is the same row to an import and to its dry run', (_, one, other) => {
  using settler = new RowSettler(shape);
  const rows = [one, other].map((address, at) => ({
    row: at + 1,
    line: at + 2,
    cells: ['A', address],
  }));
  const settled = settleRows(rows, (row) => settler.settle(row), 0);
  expect(settled.outcomes.get(2)).toMatchObject({ status: 'duplicate', duplicateOf: 1 });
  const [first, second] = rows.map((row) =>
    comparableCells(shape, row, { kind: 'url', videoUrl: row.cells[1]?.trim() ?? '' }),
  );
  expect(first).toEqual(second);
});
