import { ManifestError } from '../manifest-error.ts';
import type { Archive } from '../workbook/archive.ts';
import type { Sheet } from '../workbook/understand-sheet.ts';
import { scanContent } from './scan-content.ts';
import { readTableRows } from './table-rows.ts';

/**
 * The tables of an OpenDocument spreadsheet, packed (`.ods`) or flat (`.fods`). Reads its content to the end.
 * @throws ManifestError `unsupported_format` when it has none.
 */
export async function openTables(
  content: () => AsyncIterable<Buffer>,
  label: string,
): Promise<Sheet[]> {
  const tables = await scanContent(content());
  if (tables.length === 0) {
    throw new ManifestError(
      'unsupported_format',
      `${label} is an OpenDocument file without a table; save the table as .ods, .xlsx or CSV and import that.`,
    );
  }
  return tables.map(({ name, isHidden, hidesRows }, index) => ({
    name,
    isHidden,
    // All tables are in one part, which was read to its end.
    scan: async () => ({ hidesRows }),
    rows: () => readTableRows(content(), index),
  }));
}

const FLAT_HEAD_BYTES = 64 * 1024;

/** Whether a text is a flat OpenDocument spreadsheet, from its beginning. */
export function isFlatOpenDocument(head: Buffer): boolean {
  const start = head.toString('latin1', 0, FLAT_HEAD_BYTES);
  return /^(?:\xef\xbb\xbf)?\s*</.test(start) && /<office:document\s/.test(start);
}

/** @throws ManifestError when it is protected with a password. */
export async function refuseEncrypted(archive: Archive, label: string): Promise<void> {
  if (!archive.has('META-INF/manifest.xml')) return;
  const parts: Buffer[] = [];
  for await (const chunk of archive.read('META-INF/manifest.xml')) parts.push(chunk);
  if (!Buffer.concat(parts).includes('encryption-data')) return;
  throw new ManifestError(
    'unsupported_format',
    `${label} is protected with a password; remove the password, save it and import that.`,
  );
}
