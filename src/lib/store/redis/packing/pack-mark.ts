import { endianness } from 'node:os';
import type { RowMark } from '../../../core/row/row-mark.ts';

/** Bytes of a mark; row r has those from (r - 1) * 2 on. The scripts rely on this, too. */
export const MARK_BYTES = 2;

export function packMark(mark: RowMark): Buffer {
  const bytes = Buffer.allocUnsafe(MARK_BYTES);
  bytes.writeUInt16BE(mark);
  return bytes;
}

/** Rows after the last marked one have no mark. */
export function unpackMarks(bytes: Buffer, rows: number): Uint16Array {
  const marks = Buffer.alloc(rows * MARK_BYTES);
  bytes.copy(marks);
  // Typed arrays use the byte order of the machine.
  if (endianness() === 'LE') marks.swap16();
  return new Uint16Array(marks.buffer, marks.byteOffset, rows);
}
