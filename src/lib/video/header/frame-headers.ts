import { BitReader } from './bit-reader.ts';
import type { PictureSize } from './parameter-sets.ts';

/** The beginning of a track's first frame, as far as it was read. */
export type FirstFrame = Buffer;

const VP9_SYNC = 0x498342;
const VP9_RGB = 7;

/**
 * The size in a VP9 key frame (VP9 bitstream specification, 6.2); null for any other frame, or one that was not read.
 */
export function sizeOfVp9(frame: FirstFrame): PictureSize | null {
  const bits = new BitReader(frame);
  const marker = bits.bits(2);
  const profile = bits.bits(1) + bits.bits(1) * 2;
  const isReserved = profile === 3 && bits.isSet();
  const isShownAgain = bits.isSet();
  const isInter = bits.isSet();
  bits.skip(2);
  const isKeyFrame = marker === 2 && !isReserved && !isShownAgain && !isInter;
  if (!isKeyFrame || bits.bits(24) !== VP9_SYNC) return null;
  if (profile >= 2) bits.skip(1);
  const isRgb = bits.bits(3) === VP9_RGB;
  if (isRgb) return null;
  bits.skip(profile % 2 === 1 ? 4 : 1);
  const [width, height] = [bits.bits(16) + 1, bits.bits(16) + 1];
  return bits.isPast ? null : { width, height, isSquare: true };
}

/** The size in a ProRes frame (SMPTE RDD 36): frame size, `icpf`, then a header with the size of the picture. */
export function sizeOfProRes(frame: FirstFrame): PictureSize | null {
  if (frame.length < 22 || frame.toString('latin1', 4, 8) !== 'icpf') return null;
  return { width: frame.readUInt16BE(16), height: frame.readUInt16BE(18), isSquare: true };
}
