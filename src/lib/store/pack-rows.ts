import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import { z } from 'zod';
import type { ManifestRow, RowProblem } from '../core/manifest.ts';

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

const rowProblem: z.ZodType<RowProblem> = z.object({
  code: z.string(),
  column: z.string().nullable(),
  value: z.string().nullable(),
  message: z.string(),
});
const packedRows = z.object({
  firstRow: z.int().positive(),
  /** [line, cells] per row, and for one that could not be read its defect and whether its cells are bytes. */
  rows: z.array(
    z.union([
      z.tuple([z.int(), z.array(z.string())]),
      z.tuple([z.int(), z.array(z.string()), rowProblem, z.boolean()]),
    ]),
  ),
});

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
  const { firstRow, rows } = packedRows.parse(JSON.parse((await inflate(packed)).toString()));
  return rows.map(([line, cells, defect, isBinary], index) => ({
    row: firstRow + index,
    line,
    cells,
    ...(defect !== undefined && { defect }),
    ...(isBinary && { isBinary }),
  }));
}
