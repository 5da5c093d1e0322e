/** The bytes of a file to send; `end` is inclusive. */
export type ByteRange =
  | { kind: 'whole' }
  | { kind: 'part'; start: number; end: number }
  | { kind: 'unsatisfiable' };

const SINGLE_RANGE = /^bytes=(?<first>\d*)-(?<last>\d*)$/;

/**
 * RFC 9110, section 14: one range of bytes, also `-500` for the last 500. Several ranges, other units and malformed
 * ones may be ignored, and are.
 */
export function parseByteRange(header: string | undefined, sizeBytes: number): ByteRange {
  const { first = '', last = '' } = SINGLE_RANGE.exec(header?.trim() ?? '')?.groups ?? {};
  if (first === '' && last === '') return { kind: 'whole' };
  if (first === '') return lastBytes(Number(last), sizeBytes);
  const start = Number(first);
  const end = last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (last !== '' && Number(last) < start) return { kind: 'whole' };
  return start < sizeBytes ? { kind: 'part', start, end } : { kind: 'unsatisfiable' };
}

function lastBytes(count: number, sizeBytes: number): ByteRange {
  if (count === 0 || sizeBytes === 0) return { kind: 'unsatisfiable' };
  return { kind: 'part', start: Math.max(0, sizeBytes - count), end: sizeBytes - 1 };
}
