import { NO_MARK, type RowMark } from '../core/row-mark.ts';

/** Bytes of a mark; row r has those from (r - 1) * 2 on. The scripts know it, too. */
export const MARK_BYTES = 2;

export function packMark(mark: RowMark): Buffer {
  const bytes = Buffer.allocUnsafe(MARK_BYTES);
  bytes.writeUInt16BE(mark);
  return bytes;
}

/** Rows behind the last marked one have no mark. */
export const unpackMarks = (bytes: Buffer, rows: number): RowMark[] =>
  Array.from({ length: rows }, (_, index) =>
    bytes.length < (index + 1) * MARK_BYTES ? NO_MARK : bytes.readUInt16BE(index * MARK_BYTES),
  );
