import { isUtf8 } from 'node:buffer';
import type { ManifestRow } from '../../lib/core/manifest/manifest.ts';

/** A data record before it has a number. */
export type RawRecord = Omit<ManifestRow, 'row'>;

/**
 * Text that was decoded as Latin-1 because some byte nearby is not UTF-8. It is decoded again as UTF-8 if all of it
 * is valid; otherwise it stays, one character per byte.
 */
export function decodeCells(latin1Cells: string[]): { cells: string[]; isBinary: boolean } {
  const bytes = latin1Cells.map((cell) => Buffer.from(cell, 'latin1'));
  if (!bytes.every((cell) => isUtf8(cell))) return { cells: latin1Cells, isBinary: true };
  return { cells: bytes.map((cell) => cell.toString('utf8')), isBinary: false };
}
