import type { Header } from './locate-moov.ts';
import { firstFrame, relocateMedia } from './media-offsets.ts';

/** Frames that claim more are not filled up; none that the API takes is as large. */
const MAX_FILLED_FRAME_BYTES = 16 * 1024 * 1024;

/**
 * Lays out the small file that ffprobe gets instead of the whole one: `ftyp`, `moov`, and the stretch of media data
 * that has come along. `size` reaches to the end of the first frame, so that its missing rest reads as zeros:
 * H.264 tells its true size only with a frame, and drops one that is cut short.
 */
export function layOutHeaderFile({ ftyp, moov, media }: Header): { bytes: Buffer; size: number } {
  const mediaStart = ftyp.length + moov.length;
  const relocatedMoov = Buffer.from(moov);
  relocateMedia(relocatedMoov, {
    originalStart: media.start,
    length: media.bytes.length,
    newStart: mediaStart,
  });
  const frame = firstFrame(relocatedMoov);
  const hasFrame =
    frame !== null &&
    frame.size <= MAX_FILLED_FRAME_BYTES &&
    frame.start < mediaStart + media.bytes.length;
  const frameEnd = hasFrame ? frame.start + frame.size : 0;
  return {
    bytes: Buffer.concat([ftyp, relocatedMoov, media.bytes]),
    size: Math.max(mediaStart + media.bytes.length, frameEnd),
  };
}
