import type { ManifestRow, ManifestShape } from '../lib/core/manifest/manifest.ts';
import { videoIdentity } from '../lib/core/video/video-identity.ts';
import { uniqueNames, userCells } from '../lib/report/user-cells.ts';

/**
 * Brings rows into a form in which the same user's cells are the same, whatever the order of the columns and whatever
 * the format: names and cells by turns, sorted by name. An empty cell says as much as an absent one, so it is left
 * out; then a report of a JSONL batch that was written as CSV compares right, too. Of a video's address its identity
 * counts, and lines within a cell end with LF: a spreadsheet writes CRLF.
 */
export function createCellNormalizer(shape: ManifestShape): (row: ManifestRow) => string[] {
  let sorted: Column[] = [];
  let knownColumns = -1;
  return (row) => {
    const cells = userCells(shape, row);
    // A JSONL manifest's columns grow while it is read, and a ragged line has more cells than there are columns.
    const count = Math.max(cells.length, shape.columns.length);
    if (sorted.length !== count || knownColumns !== shape.columns.length) {
      sorted = sortByName(uniqueNames(shape.columns, count), shape);
      knownColumns = shape.columns.length;
    }
    return sorted.flatMap(({ name, index, isAddress }) => {
      const cell = cells[index];
      return cell ? [name, isAddress ? videoIdentity(cell) : withLineFeeds(cell)] : [];
    });
  };
}

interface Column {
  name: string;
  index: number;
  /** Whether it holds the videos' addresses. */
  isAddress: boolean;
}

function sortByName(names: string[], { columns, roles }: ManifestShape): Column[] {
  const address = roles.video_url === null ? -1 : columns.indexOf(roles.video_url);
  return names
    .map((name, index) => ({ name, index, isAddress: index === address }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const withLineFeeds = (cell: string): string =>
  cell.includes('\r') ? cell.replaceAll('\r\n', '\n') : cell;
