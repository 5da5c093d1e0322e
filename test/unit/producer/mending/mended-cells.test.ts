import { expect, it } from 'vitest';
import type { ManifestShape } from '../../../../src/lib/core/manifest/manifest.ts';
import { mendCells } from '../../../../src/producer/mending/mended-cells.ts';

const shapeOf = (
  format: ManifestShape['format'],
  columns: string[],
  video: string,
): ManifestShape => ({
  format,
  delimiter: format === 'csv' ? ',' : null,
  columns,
  roles: { video_url: video, video_id: null, task_id: null, video_created_at: null },
});
const csv = shapeOf('csv', ['sku', 'Link', 'note'], 'Link');
const jsonl = shapeOf('jsonl', ['sku', 'Link', 'size'], 'Link');
const rowOf = (...cells: string[]) => ({ row: 3, line: 4, cells });
const defect = { code: 'broken_json' as const, column: null, value: null, message: 'x' };

it.each([
  [
    'a table with other columns in another order',
    { shape: csv, row: rowOf('A', 'old', 'mine', 'ragged') },
    {
      shape: shapeOf('csv', ['extra', 'video_url', 'SKU'], 'video_url'),
      row: rowOf('x', 'new', 'B'),
    },
    ['B', 'new', 'mine', 'ragged'],
  ],
  [
    'a list of addresses',
    { shape: csv, row: rowOf('A', 'old', 'mine') },
    { shape: shapeOf('list', ['video_url'], 'video_url'), row: rowOf('new') },
    ['A', 'new', 'mine'],
  ],
  [
    'JSON objects',
    { shape: csv, row: rowOf('A', 'old', 'mine') },
    { shape: jsonl, row: rowOf('{"sku":784912345678901234,"Link":"new","size":1}') },
    ['784912345678901234', 'new', 'mine'],
  ],
  [
    'a table, for an object',
    { shape: jsonl, row: rowOf('{"sku":"A","Link":"old","size":1.50,"mine":[1]}') },
    {
      shape: shapeOf('csv', ['size', 'video_url', 'extra'], 'video_url'),
      row: rowOf('1.50', 'new', 'x'),
    },
    ['{"sku":"A","Link":"new","size":1.50,"mine":[1],"extra":"x"}'],
  ],
  [
    'a table, for a line that was no object',
    { shape: jsonl, row: { ...rowOf('{"sku":'), defect } },
    { shape: csv, row: rowOf('A', 'new', '') },
    ['{"sku":"A","Link":"new","note":""}'],
  ],
  [
    'a table, for a row that was broken',
    { shape: csv, row: { ...rowOf('"A', 'x'), defect } },
    { shape: csv, row: rowOf('A', 'new', 'mine') },
    ['A', 'new', 'mine'],
  ],
])('a row takes the values of %s', (_, row, corrected, cells) => {
  expect(mendCells(row, corrected)).toEqual({ row: 3, line: 4, cells });
});
