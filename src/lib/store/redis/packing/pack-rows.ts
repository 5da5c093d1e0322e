import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import { z } from 'zod';
import type { ManifestRow, RowProblem } from '../../../core/manifest/manifest.ts';
import { ROW_DEFECTS } from '../../../core/manifest/row-defects.ts';
import type { RowPick } from '../../row-index.ts';

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

const rowProblem: z.ZodType<RowProblem> = z.object({
  code: z.enum(ROW_DEFECTS),
  column: z.string().nullable(),
  value: z.string().nullable(),
  message: z.string(),
});
/** [line, cells] per row, and for one that could not be read its defect and whether its cells are bytes. */
const packedRow = z.union([
  z.tuple([z.int(), z.array(z.string())]),
  z.tuple([z.int(), z.array(z.string()), rowProblem, z.boolean()]),
]);
type PackedRow = z.infer<typeof packedRow>;

const firstRow = z.int().positive();
const packedRows = z.object({ firstRow, rows: z.array(packedRow) });
/** The rows themselves are looked at when they are wanted. */
const unlookedRows = z.object({ firstRow, rows: z.array(z.unknown()) });

/** Most chunks fit, and inflating into one piece is several times quicker than into many. */
const INFLATED_AT_ONCE = 131_072;

/** Rows of one chunk, in order and without gaps, as compressed JSON: about 50 bytes a row. */
export async function packRows(rows: ManifestRow[]): Promise<Buffer> {
  const text = JSON.stringify({
    firstRow: rows[0]?.row ?? 1,
    rows: rows.map(({ line, cells, defect, isBinary = false }) =>
      defect ? [line, cells, defect, isBinary] : [line, cells],
    ),
  });
  return await deflate(text, { level: 6 });
}

/** Throws when the bytes are not what `packRows` made. */
export async function unpackRows(packed: Buffer): Promise<ManifestRow[]> {
  const { firstRow, rows } = packedRows.parse(JSON.parse(await inflateText(packed)));
  return rows.map((row, index) => unpackRow(firstRow + index, row));
}

/** Only the wanted ones, in order. Throws as `unpackRows` does. */
export async function unpackSomeRows(
  packed: Buffer,
  { rows: wanted, text: sought }: RowPick,
): Promise<ManifestRow[]> {
  const json = await inflateText(packed);
  const needle = sought === null ? '' : JSON.stringify(sought.toLowerCase()).slice(1, -1);
  if (!json.toLowerCase().includes(needle)) return [];
  const { firstRow, rows } = unlookedRows.parse(JSON.parse(json));
  return rows.flatMap((row, index) => {
    if (!wanted.has(firstRow + index)) return [];
    if (needle !== '' && !JSON.stringify(row).toLowerCase().includes(needle)) return [];
    return [unpackRow(firstRow + index, packedRow.parse(row))];
  });
}

const inflateText = async (packed: Buffer): Promise<string> =>
  (await inflate(packed, { chunkSize: INFLATED_AT_ONCE })).toString();

const unpackRow = (row: number, [line, cells, defect, isBinary]: PackedRow): ManifestRow => ({
  row,
  line,
  cells,
  ...(defect !== undefined && { defect }),
  ...(isBinary && { isBinary }),
});
