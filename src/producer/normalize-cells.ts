import { savedForms } from '../lib/core/continuing/saved-form.ts';
import type { ManifestRow, ManifestShape } from '../lib/core/manifest/manifest.ts';
import { videoIdentity } from '../lib/core/video/video-identity.ts';
import { uniqueNames, userCells } from '../lib/report/user-cells.ts';
import { columnIndex } from '../lib/rows/row-key.ts';

/**
 * Brings rows into a form in which equal cells compare equal in any format and any order of columns: names and cells
 * alternate, sorted by name. An empty cell counts as absent and is left out, so that a JSONL batch can be compared
 * with its report as CSV. A video's address is replaced by its identity. Lines within a cell end with LF, because a
 * spreadsheet writes CRLF.
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

/**
 * Changes normalized cells as a spreadsheet may have when it saved them; the given ones if it would change none. An id
 * stays as it is: two ids that are rounded to the same number are two videos.
 */
export function createSavedCells({ roles }: Pick<ManifestShape, 'roles'>): SavedTexts {
  const ids = idColumns(roles);
  return (cells) => savedForms(cells, (at) => at % 2 === 1 && !ids.has(cells[at - 1] ?? ''));
}

/** The same for the values of a key. */
export function createSavedKey(
  { roles }: Pick<ManifestShape, 'roles'>,
  key: readonly string[],
): SavedTexts {
  const ids = [...idColumns(roles)];
  const isValue = key.map((column) => columnIndex(ids, column) < 0);
  return (values) => savedForms(values, (at) => isValue[at] ?? false);
}

export type SavedTexts = (texts: readonly string[]) => readonly string[];

const idColumns = ({ video_id, task_id }: ManifestShape['roles']): ReadonlySet<string> =>
  new Set([video_id, task_id].filter((column) => column !== null));

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
