import { innerBoxes } from '../mp4/boxes.ts';
import { type FirstFrame, sizeOfProRes, sizeOfVp9 } from './frame-headers.ts';
import { type PictureSize, sizeOfAv1, sizeOfH264, sizeOfHevc } from './parameter-sets.ts';

export interface Described extends PictureSize {
  /** As ffprobe names it. */
  codec: string;
}

/** Bytes of a visual sample entry before its boxes (ISO/IEC 14496-12, 12.1.3). */
const ENTRY_FIELDS = 78;
/** Boxes that change the picture in a way that depends on the reader. */
const DOUBTFUL = new Set(['clap', 'sinf', 'dvcC', 'dvvC', 'vexu']);

/**
 * The content of the only sample entry of an `stsd` box, if codec configuration and entry agree. Null for more than
 * one entry, other codecs, and any doubt. `frame` is used when the configuration does not state the size.
 */
export function describeEntry(
  moov: Buffer,
  stsd: { bodyStart: number; end: number },
  frame: FirstFrame | null,
): Described | null {
  const [entry, ...others] = innerBoxes(moov, stsd.bodyStart + 8, stsd.end);
  const isOne = stsd.end - stsd.bodyStart > 8 && moov.readUInt32BE(stsd.bodyStart + 4) === 1;
  if (!isOne || entry === undefined || others.length > 0) return null;
  const boxesAt = entry.bodyStart + ENTRY_FIELDS;
  const codec = CODECS.get(entry.type);
  if (codec === undefined || boxesAt > entry.end) return null;
  const boxes = new Map<string, Buffer>();
  for (const { type, bodyStart, end } of innerBoxes(moov, boxesAt, entry.end)) {
    if (DOUBTFUL.has(type) || boxes.has(type)) return null;
    boxes.set(type, moov.subarray(bodyStart, end));
  }
  const size = codec.sizeOf(boxes, frame);
  const width = moov.readUInt16BE(entry.bodyStart + 24);
  const height = moov.readUInt16BE(entry.bodyStart + 26);
  const isSame = size?.width === width && size.height === height;
  return size !== null && isSame && size.isSquare && isSquareBox(boxes.get('pasp'))
    ? { ...size, codec: codec.name }
    : null;
}

function isSquareBox(pasp: Buffer | undefined): boolean {
  return pasp === undefined || (pasp.length >= 8 && pasp.readUInt32BE(0) === pasp.readUInt32BE(4));
}

interface Codec {
  name: string;
  sizeOf: (boxes: ReadonlyMap<string, Buffer>, frame: FirstFrame | null) => PictureSize | null;
}

const H264: Codec = {
  name: 'h264',
  sizeOf: (boxes, frame) => sizeOfAvcConfig(boxes.get('avcC'), frame),
};
const HEVC: Codec = {
  name: 'hevc',
  sizeOf: (boxes, frame) => sizeOfHevcConfig(boxes.get('hvcC'), frame),
};
const AV1: Codec = {
  name: 'av1',
  sizeOf: (boxes) => sizeOfAv1(boxes.get('av1C')?.subarray(4) ?? Buffer.alloc(0)),
};
const VP9: Codec = {
  name: 'vp9',
  sizeOf: (boxes, frame) => (boxes.has('vpcC') && frame !== null ? sizeOfVp9(frame) : null),
};
const PRORES: Codec = {
  name: 'prores',
  sizeOf: (_boxes, frame) => (frame === null ? null : sizeOfProRes(frame)),
};

const CODECS: ReadonlyMap<string, Codec> = new Map([
  ['avc1', H264],
  ['avc3', H264],
  ['hvc1', HEVC],
  ['hev1', HEVC],
  ['av01', AV1],
  ['vp09', VP9],
  ...['apch', 'apcn', 'apcs', 'apco', 'ap4h', 'ap4x'].map((type): [string, Codec] => [
    type,
    PRORES,
  ]),
]);

/** `avcC` (ISO/IEC 14496-15, 5.3.3.1): all its parameter sets, which must have one size. */
function sizeOfAvcConfig(config: Buffer | undefined, frame: FirstFrame | null): PictureSize | null {
  if (config === undefined || config.length < 7 || config[0] !== 1) return null;
  const lengthSize = ((config[4] ?? 0) & 3) + 1;
  const count = (config[5] ?? 0) & 31;
  const size = sizeOfUnits(config, 6, count, sizeOfH264)?.size ?? null;
  const inFrame = unitsOf(frame, lengthSize).filter((unit) => typeOfH264(unit) === 7);
  return agrees(size, inFrame.map(sizeOfH264)) ? size : null;
}

const typeOfH264 = (unit: Buffer): number => (unit[0] ?? 0) & 31;
const typeOfHevc = (unit: Buffer): number => ((unit[0] ?? 0) >> 1) & 63;

/** A frame may bring its own parameter sets, which then apply. */
const agrees = (size: PictureSize | null, inFrame: (PictureSize | null)[]): boolean =>
  size !== null && inFrame.every((other) => other !== null && isSameSize(size, other));

/** The NAL units of a frame that were read completely. */
function unitsOf(frame: FirstFrame | null, lengthSize: number): Buffer[] {
  const units: Buffer[] = [];
  let at = 0;
  while (frame !== null && at + lengthSize <= frame.length && units.length < MAX_UNITS) {
    const start = at + lengthSize;
    at = start + frame.readUIntBE(at, lengthSize);
    if (at <= frame.length) units.push(frame.subarray(start, at));
  }
  return units;
}

const MAX_UNITS = 100;

const HEVC_SEQUENCE_PARAMETERS = 33;

/** `hvcC` (8.3.3.1): arrays of NAL units, each of one type. */
function sizeOfHevcConfig(
  config: Buffer | undefined,
  frame: FirstFrame | null,
): PictureSize | null {
  if (config === undefined || config.length < 23 || config[0] !== 1) return null;
  const lengthSize = ((config[21] ?? 0) & 3) + 1;
  const size = sizeOfHevcArrays(config);
  const inFrame = unitsOf(frame, lengthSize).filter(
    (unit) => typeOfHevc(unit) === HEVC_SEQUENCE_PARAMETERS,
  );
  return agrees(size, inFrame.map(sizeOfHevc)) ? size : null;
}

function sizeOfHevcArrays(config: Buffer): PictureSize | null {
  let at = 23;
  for (let left = config[22] ?? 0; left > 0 && at + 3 <= config.length; left -= 1) {
    const type = (config[at] ?? 0) & 63;
    const count = config.readUInt16BE(at + 1);
    const isWanted = type === HEVC_SEQUENCE_PARAMETERS;
    const units = sizeOfUnits(config, at + 3, count, isWanted ? sizeOfHevc : () => ANY_SIZE);
    if (units === null || isWanted) return units?.size ?? null;
    at = units.end;
  }
  return null;
}

const ANY_SIZE: PictureSize = { width: 0, height: 0, isSquare: true };

/** Units with 16-bit lengths; null when there are none, one is unreadable, or they differ. */
function sizeOfUnits(
  config: Buffer,
  start: number,
  count: number,
  sizeOf: (unit: Buffer) => PictureSize | null,
): { size: PictureSize; end: number } | null {
  let size: PictureSize | null = null;
  let at = start;
  for (let left = count; left > 0; left -= 1) {
    const end = at + 2 + (at + 2 <= config.length ? config.readUInt16BE(at) : 0);
    const found = end <= config.length ? sizeOf(config.subarray(at + 2, end)) : null;
    if (found === null || (size !== null && !isSameSize(found, size))) return null;
    size = found;
    at = end;
  }
  return size === null ? null : { size, end: at };
}

const isSameSize = (one: PictureSize, other: PictureSize): boolean =>
  one.width === other.width && one.height === other.height && one.isSquare === other.isSquare;
