import { BitReader, withoutEmulation } from './bit-reader.ts';

/** Size in px as shown, after cropping, and whether pixels are square, if stated. */
export interface PictureSize {
  width: number;
  height: number;
  isSquare: boolean;
}

/** Profiles of H.264 whose parameter set states the chroma format. */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/**
 * From an H.264 sequence parameter set (ITU-T H.264, 7.3.2.1.1), including its NAL header; null when it is
 * unreadable.
 */
export function sizeOfH264(unit: Uint8Array): PictureSize | null {
  const bits = new BitReader(withoutEmulation(unit.subarray(1)));
  const profile = bits.bits(8);
  bits.skip(16);
  bits.golomb();
  const chroma = HIGH_PROFILES.has(profile) ? readH264Chroma(bits) : 1;
  bits.golomb();
  skipPictureOrder(bits);
  bits.golomb();
  bits.skip(1);
  const widthUnits = bits.golomb() + 1;
  const heightUnits = bits.golomb() + 1;
  const isFrame = bits.isSet();
  bits.skip(isFrame ? 1 : 2);
  const fields = isFrame ? 1 : 2;
  const crop = readCrop(bits, chroma);
  const isSquare = !bits.isSet() || isAspectSquare(bits);
  const width = widthUnits * 16 - crop.horizontal;
  const height = heightUnits * 16 * fields - crop.vertical * fields;
  return bits.isPast ? null : { width, height, isSquare };
}

function readH264Chroma(bits: BitReader): number {
  const format = bits.golomb();
  if (format === 3) bits.skip(1);
  bits.golomb();
  bits.golomb();
  bits.skip(1);
  if (bits.isSet()) skipScalingLists(bits, format === 3 ? 12 : 8);
  return format;
}

function skipScalingLists(bits: BitReader, count: number): void {
  for (let list = 0; list < count; list += 1) {
    if (bits.isSet()) skipScalingList(bits, list < 6 ? 16 : 64);
  }
}

function skipScalingList(bits: BitReader, size: number): void {
  let last = 8;
  for (let at = 0; at < size; at += 1) {
    last = (last + bits.signedGolomb() + 256) % 256;
    if (last === 0) return;
  }
}

function skipPictureOrder(bits: BitReader): void {
  const type = bits.golomb();
  if (type === 0) {
    bits.golomb();
  } else if (type === 1) {
    bits.skip(1);
    bits.golomb();
    bits.golomb();
    const cycle = Math.min(bits.golomb(), 255);
    for (let at = 0; at < cycle; at += 1) bits.golomb();
  }
}

/** In px; vertically of a frame. */
function readCrop(bits: BitReader, chroma: number): { horizontal: number; vertical: number } {
  if (!bits.isSet()) return { horizontal: 0, vertical: 0 };
  const [left, right, top, bottom] = [bits.golomb(), bits.golomb(), bits.golomb(), bits.golomb()];
  const unitX = chroma === 1 || chroma === 2 ? 2 : 1;
  const unitY = chroma === 1 ? 2 : 1;
  return { horizontal: (left + right) * unitX, vertical: (top + bottom) * unitY };
}

const EXTENDED_ASPECT = 255;

function isAspectSquare(bits: BitReader): boolean {
  if (!bits.isSet()) return true;
  const aspect = bits.bits(8);
  const [width, height] = aspect === EXTENDED_ASPECT ? [bits.bits(16), bits.bits(16)] : [1, 1];
  return width === height && (aspect === EXTENDED_ASPECT || aspect <= 1);
}

/**
 * From an HEVC sequence parameter set (ITU-T H.265, 7.3.2.2), including its NAL header; null when it is unreadable.
 * The shape of pixels comes late in it and is not read: it can cause a warning, never a rejection.
 */
export function sizeOfHevc(unit: Uint8Array): PictureSize | null {
  const bits = new BitReader(withoutEmulation(unit.subarray(2)));
  bits.skip(4);
  const subLayers = bits.bits(3);
  bits.skip(1 + 88 + 8);
  skipSubLayers(bits, subLayers);
  bits.golomb();
  const chroma = bits.golomb();
  if (chroma === 3) bits.skip(1);
  const [width, height] = [bits.golomb(), bits.golomb()];
  const crop = readCrop(bits, chroma);
  return bits.isPast
    ? null
    : { width: width - crop.horizontal, height: height - crop.vertical, isSquare: true };
}

function skipSubLayers(bits: BitReader, count: number): void {
  const present = Array.from({ length: count }, () => [bits.isSet(), bits.isSet()]);
  if (count > 0) bits.skip((8 - count) * 2);
  for (const [hasProfile, hasLevel] of present) {
    bits.skip((hasProfile ? 88 : 0) + (hasLevel ? 8 : 0));
  }
}

const AV1_SEQUENCE_HEADER = 1;

/**
 * From the OBUs in `av1C` (AV1 specification, 5.3 to 5.5); null when the first one is not a readable sequence header.
 */
export function sizeOfAv1(units: Uint8Array): PictureSize | null {
  const bits = new BitReader(units);
  bits.skip(1);
  const type = bits.bits(4);
  const hasExtension = bits.isSet();
  const hasSize = bits.isSet();
  bits.skip(1 + (hasExtension ? 8 : 0));
  for (let byte = 0; hasSize && byte < 8 && bits.bits(8) >= 128; byte += 1) {
    // The size is not needed; it ends with a byte below 128.
  }
  bits.skip(3);
  bits.skip(1);
  const isReduced = bits.isSet();
  if (type !== AV1_SEQUENCE_HEADER || !(isReduced ? skipLevel(bits) : skipOperatingPoints(bits))) {
    return null;
  }
  const [widthBits, heightBits] = [bits.bits(4) + 1, bits.bits(4) + 1];
  const [width, height] = [bits.bits(widthBits) + 1, bits.bits(heightBits) + 1];
  return bits.isPast ? null : { width, height, isSquare: true };
}

function skipLevel(bits: BitReader): true {
  bits.skip(5);
  return true;
}

/** False if they hold parts that are not supported here: timing and decoder models, which only broadcast uses. */
function skipOperatingPoints(bits: BitReader): boolean {
  if (bits.isSet()) return false;
  const hasDelay = bits.isSet();
  const count = bits.bits(5) + 1;
  for (let point = 0; point < count; point += 1) {
    bits.skip(12);
    if (bits.bits(5) > 7) bits.skip(1);
    if (hasDelay && bits.isSet()) bits.skip(4);
  }
  return true;
}
