import type { ManifestRow, ManifestShape } from '../lib/core/manifest/manifest.ts';
import { uniqueNames, userCells } from '../lib/report/user-cells.ts';

/**
 * Brings rows into a form in which the same user's cells are the same, whatever the order of the columns and whatever the
 * format: names and cells by turns, sorted by name. An empty cell says as much as an absent one, so it is left out; then
 * a report of a JSONL batch that was written as CSV compares right, too.
 */
export function createCellNormalizer(shape: ManifestShape): (row: ManifestRow) => string[] {
  let sorted: { name: string; index: number }[] = [];
  let knownColumns = -1;
  return (row) => {
    const cells = userCells(shape, row);
    // A JSONL manifest's columns grow while it is read, and a ragged line has more cells than there are columns.
    const count = Math.max(cells.length, shape.columns.length);
    if (sorted.length !== count || knownColumns !== shape.columns.length) {
      sorted = sortByName(uniqueNames(shape.columns, count));
      knownColumns = shape.columns.length;
    }
    return sorted.flatMap(({ name, index }) => (cells[index] ? [name, cells[index]] : []));
  };
}

function sortByName(names: string[]): { name: string; index: number }[] {
  return names.map((name, index) => ({ name, index })).sort((a, b) => (a.name < b.name ? -1 : 1));
}
