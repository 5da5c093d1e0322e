import { findInner, type InnerBox, innerBoxes } from './boxes.ts';
import { childrenOfMoov, handlerOf } from './moov.ts';

/** An available part of the original file, and the position of its copy in another file. */
export interface MovedMedia {
  originalStart: number;
  length: number;
  newStart: number;
}

/** Beyond the end of any file that is made here, and positive in 32 bits. */
const OUT_OF_REACH = 0x7fffffff;

/**
 * Adjusts the chunk offsets, in place, to a file that holds only a part of the media data. All others are moved
 * beyond its end: otherwise ffprobe would take wrong bytes for frames, and decoders would report random sizes.
 */
export function relocateMedia(moov: Buffer, media: MovedMedia): void {
  for (const trak of childrenOfMoov(moov)) {
    for (const table of sampleTables(moov, trak)) {
      const width = offsetWidth(table);
      for (let at = table.bodyStart + 8; width > 0 && at + width <= table.end; at += width) {
        writeOffset(moov, at, width, relocated(readOffset(moov, at, width), media));
      }
    }
  }
}

function relocated(offset: number, { originalStart, length, newStart }: MovedMedia): number {
  const within = offset - originalStart;
  return within >= 0 && within < length ? newStart + within : OUT_OF_REACH;
}

/**
 * The first frame of the first video track: its position in the file, and its size; null when `moov` does not say.
 */
export function firstFrame(moov: Buffer): { start: number; size: number } | null {
  const video = [...childrenOfMoov(moov)].find(
    (box) => box.type === 'trak' && handlerOf(moov, box) === 'vide',
  );
  const tables = video === undefined ? [] : sampleTables(moov, video);
  const chunks = tables.find((table) => offsetWidth(table) > 0);
  const width = chunks === undefined ? 0 : offsetWidth(chunks);
  if (chunks === undefined || chunks.bodyStart + 8 + width > chunks.end) {
    return null;
  }
  const start = readOffset(moov, chunks.bodyStart + 8, width);
  const sizes = tables.find(({ type }) => type === 'stsz');
  return { start, size: sizes === undefined ? 0 : firstSampleSize(moov, sizes) };
}

/** The boxes of a track's `stbl`. */
function sampleTables(moov: Buffer, trak: InnerBox): InnerBox[] {
  const table = trak.type === 'trak' && findInner(moov, trak, ['mdia', 'minf', 'stbl']);
  return table ? [...innerBoxes(moov, table.bodyStart, table.end)] : [];
}

/** Bytes per entry in a table of chunk offsets; 0 for any other box. */
function offsetWidth({ type }: InnerBox): number {
  return { stco: 4, co64: 8 }[type] ?? 0;
}

function readOffset(moov: Buffer, at: number, width: number): number {
  return width === 4 ? moov.readUInt32BE(at) : Number(moov.readBigUInt64BE(at));
}

function writeOffset(moov: Buffer, at: number, width: number, offset: number): void {
  if (width === 4) {
    moov.writeUInt32BE(offset, at);
  } else {
    moov.writeBigUInt64BE(BigInt(offset), at);
  }
}

/** From `stsz`: the common size of all samples, or otherwise the first in the list. */
function firstSampleSize(moov: Buffer, { bodyStart, end }: InnerBox): number {
  return end - bodyStart < 16
    ? 0
    : moov.readUInt32BE(bodyStart + 4) || moov.readUInt32BE(bodyStart + 12);
}
