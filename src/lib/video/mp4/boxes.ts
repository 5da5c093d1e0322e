import { ReadError } from '../read-error.ts';

/** The outer frame of one box of an MP4 or MOV file (ISO/IEC 14496-12, 4.2). */
export interface Box {
  /** Four characters, for example `moov`. */
  type: string;
  /** Offset of its first byte in the file. */
  start: number;
  headerSize: 8 | 16;
  /** Offset after its last byte; Infinity when the box reaches to the end of the file (size 0). */
  end: number;
}

/**
 * Most boxes of one file, or inside one `moov`, that are read. A normal video has some dozens, a fragmented one two
 * for each fragment; a file of tiny boxes would keep the thread busy as long as its server likes.
 */
export const MAX_BOXES = 20_000;

export const tooManyBoxes = (where: string): ReadError =>
  new ReadError('too_many_boxes', `${where} has more than ${MAX_BOXES} boxes`, {
    isRetryable: false,
  });

/** Longest header in bytes: size and type, then a 64-bit size. */
export const MAX_BOX_HEADER_SIZE = 16;

/**
 * Reads the box header at `at` in `bytes`. `fileOffset` is the position of `bytes` in the file. `incomplete` needs
 * more bytes; `broken` means that no box can start here.
 */
export function readBoxHeader(
  bytes: Buffer,
  at: number,
  fileOffset: number,
): Box | 'incomplete' | 'broken' {
  if (bytes.length - at < 8) {
    return 'incomplete';
  }
  const start = fileOffset + at;
  const type = bytes.toString('latin1', at + 4, at + 8);
  const size = bytes.readUInt32BE(at);
  if (size === 0) {
    return { type, start, headerSize: 8, end: Number.POSITIVE_INFINITY };
  }
  if (size !== 1) {
    return size < 8 ? 'broken' : { type, start, headerSize: 8, end: start + size };
  }
  if (bytes.length - at < MAX_BOX_HEADER_SIZE) {
    return 'incomplete';
  }
  const wideSize = bytes.readBigUInt64BE(at + 8);
  if (wideSize < 16n) {
    return 'broken';
  }
  const end = start + Number(wideSize);
  return { type, start, headerSize: 16, end: Number.isSafeInteger(end) ? end : Infinity };
}

/** A box inside a buffer that holds its whole parent. Offsets are into that buffer. */
export interface InnerBox {
  type: string;
  bodyStart: number;
  end: number;
}

/** The boxes between two offsets, in order. Stops at the first broken one; one that is too long is cut. */
export function* innerBoxes(bytes: Buffer, start: number, end: number): Generator<InnerBox> {
  let at = start;
  while (at < end) {
    const box = readBoxHeader(bytes.subarray(0, end), at, 0);
    if (box === 'incomplete' || box === 'broken') {
      return;
    }
    const boxEnd = Math.min(box.end, end);
    yield { type: box.type, bodyStart: at + box.headerSize, end: boxEnd };
    at = boxEnd;
  }
}

/** The first inner box at `path`, starting from the given part. */
export function findInner(
  bytes: Buffer,
  within: { bodyStart: number; end: number },
  path: readonly string[],
): InnerBox | undefined {
  const [type, ...rest] = path;
  for (const box of innerBoxes(bytes, within.bodyStart, within.end)) {
    if (box.type === type) {
      return rest.length === 0 ? box : findInner(bytes, box, rest);
    }
  }
  return undefined;
}
