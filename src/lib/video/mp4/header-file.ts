import { readBoxHeader } from './boxes.ts';
import type { Header } from './locate-moov.ts';
import { firstFrame, relocateMedia } from './media-offsets.ts';

/** Frames that claim more are not padded; no frame that the API accepts is as large. */
const MAX_FILLED_FRAME_BYTES = 16 * 1024 * 1024;

/**
 * Lays out the small file that ffprobe gets instead of the whole one: `ftyp`, an `mdat` with the media data that was
 * read, and `moov`, which comes last because it may be cut. `mdat` reaches to the end of the first frame, so that its
 * missing rest reads as zeros: H.264 reveals its true size only in a frame, and drops one that is cut.
 */
export function layOutHeaderFile({ ftyp, moov, media }: Header): HeaderFile {
  const mediaStart = ftyp.length + 8;
  const relocatedMoov = Buffer.from(moov);
  relocateMedia(relocatedMoov, {
    originalStart: media.start,
    length: media.bytes.length,
    newStart: mediaStart,
  });
  const mediaEnd = mediaStart + media.bytes.length;
  const frame = firstFrame(relocatedMoov);
  const isFilled = frame !== null && frame.size <= MAX_FILLED_FRAME_BYTES && frame.start < mediaEnd;
  const moovStart = Math.max(mediaEnd, isFilled ? frame.start + frame.size : 0);
  const front = Buffer.concat([ftyp, Buffer.from('\0\0\0\0mdat', 'latin1'), media.bytes]);
  front.writeUInt32BE(moovStart - ftyp.length, ftyp.length);
  return { front, moov: relocatedMoov, moovStart };
}

/** `front` is at the beginning; between its end and `moovStart` there are zeros. */
export interface HeaderFile {
  front: Buffer;
  moov: Buffer;
  moovStart: number;
}

/** Whether the file ended within `moov`. */
export function isMoovCut(moov: Buffer): boolean {
  const box = readBoxHeader(moov, 0, 0);
  return typeof box === 'string' || (Number.isFinite(box.end) && box.end > moov.length);
}
