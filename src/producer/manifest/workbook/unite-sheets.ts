import type { ManifestRole, ManifestShape } from '../../../lib/core/manifest/manifest.ts';
import { uniqueNames } from '../../../lib/report/user-cells.ts';
import type { RawRecord } from '../raw-record.ts';
import type { RecordLayout } from '../understand.ts';
import { readSheetRecords } from './sheet-records.ts';
import type { UnderstoodSheet } from './understand-sheet.ts';

/** The column that names the sheet of a row; last, and with a name that no column of the user's has. */
const SHEET_COLUMN = 'sheet';

/**
 * Several sheets as one table. Columns with the same role, or with the same name, are one column; a sheet without a
 * column has it empty.
 */
export function uniteSheets(
  sheets: readonly UnderstoodSheet[],
  options: { skipsHidden: boolean },
): { layout: RecordLayout; records(): AsyncGenerator<RawRecord[]> } {
  const places = new Map<string, { place: number; name: string }>();
  const ownPlaces = sheets.map(({ layout }) =>
    keysOf(layout.shape).map(({ key, name }) => {
      const known = places.get(key) ?? { place: places.size, name };
      places.set(key, known);
      return known.place;
    }),
  );
  const names = [...places.values()].map(({ name }) => name);
  const columns = uniqueNames([...names, SHEET_COLUMN], names.length + 1);
  const roleOf = (role: ManifestRole): string | null => {
    const place = places.get(roleKey(role))?.place;
    return place === undefined ? null : (columns[place] ?? null);
  };
  const roles: ManifestShape['roles'] = {
    video_url: roleOf('video_url'),
    video_id: roleOf('video_id'),
    task_id: roleOf('task_id'),
    video_created_at: roleOf('video_created_at'),
  };
  return {
    layout: {
      shape: { format: 'csv', delimiter: ',', columns, roles },
      headerCells: columns.length,
      ownCells: null,
      batchCell: null,
      notes: [],
    },
    records: () => readOneAfterTheOther(sheets, ownPlaces, columns.length, options),
  };
}

const roleKey = (role: string): string => `role ${role}`;

/** The identity of a column: its role, otherwise its name and how often that came before. */
function keysOf({ columns, roles }: ManifestShape): { key: string; name: string }[] {
  const roleOf = new Map(Object.entries(roles).map(([role, column]) => [column, role]));
  const seen = new Map<string, number>();
  return columns.map((name) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    const role = count === 1 ? roleOf.get(name) : undefined;
    return { key: role === undefined ? `name ${count} ${name}` : roleKey(role), name };
  });
}

async function* readOneAfterTheOther(
  sheets: readonly UnderstoodSheet[],
  ownPlaces: readonly number[][],
  width: number,
  options: { skipsHidden: boolean },
): AsyncGenerator<RawRecord[]> {
  for (const [index, understood] of sheets.entries()) {
    const places = ownPlaces[index] ?? [];
    const { ownCells, headerCells } = understood.layout;
    const move = (record: RawRecord): RawRecord => {
      const cells = Array<string>(width).fill('');
      for (const [own, place] of places.entries()) {
        cells[place] = record.cells[ownCells?.[own] ?? own] ?? '';
      }
      cells[width - 1] = understood.sheet.name;
      // Cells beyond the header are a defect, and are kept for the report.
      return { ...record, cells: [...cells, ...record.cells.slice(headerCells)] };
    };
    for await (const records of readSheetRecords(understood, options)) yield records.map(move);
  }
}
