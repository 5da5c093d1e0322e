import { ReadError } from '../read-error.ts';
import { type Box, MAX_BOX_HEADER_SIZE, MAX_BOXES, readBoxHeader, tooManyBoxes } from './boxes.ts';
import { checkBoxCount } from './moov.ts';
import { type Sniffed, sniff } from './sniff.ts';

/** The first request: enough for the whole `moov` of a short video if it comes first. */
const FIRST_READ_BYTES = 7 * 1024;
/** The second request: what follows the media data. A third one completes a longer `moov`. */
const NEXT_READ_BYTES = 32 * 1024;
/** From this request on, an answer is read until `moov` is complete instead of to a guessed length. */
const OPEN_ENDED_FROM_REQUEST = 3;
/** Files with more boxes between media data than this are read from front to back. */
const MAX_REQUESTS = 8;
/** A video that the API accepts has some hundred KB; more means covers, and space left by editors. */
export const MAX_MOOV_BYTES = 16 * 1024 * 1024;
/** A box that ends this close after the available bytes is read through; for a longer one, another request starts. */
const READ_ON_BYTES = 4 * 1024;
/** Most bytes of small boxes that are read in one answer to find `moov`. */
const MAX_WALKED_BYTES = 4 * 1024 * 1024;
export const MAX_FTYP_BYTES = 1024 * 1024;

export interface Stretch {
  bytes: Buffer;
  /** Size of the whole file as the server claims; null when it does not. */
  totalBytes: number | null;
}

/**
 * How many bytes are needed in total, given those already read; the same number to stop. Each call gets the same
 * bytes plus new ones.
 */
export type NeededBytes = (bytes: Buffer) => number;

/**
 * Reads bytes of the file from `first` on: a fixed number, or as many as turn out to be needed. Returns fewer if the
 * file ends; null if it ends before `first`.
 */
export type ReadStretch = (first: number, length: number | NeededBytes) => Promise<Stretch | null>;

/** The boxes that describe a video, with their headers, and a little of its media data. */
export interface Header {
  /** Empty when no box of this type comes before `moov`. */
  ftyp: Buffer;
  moov: Buffer;
  /** A part of the file, which may contain the first frame. */
  media: { start: number; bytes: Buffer };
  /** The file is shorter than its boxes say. */
  isFileCut: boolean;
}

export type Located =
  | ({ kind: 'moov' } & Header)
  | { kind: 'sniffed'; sniffed: Exclude<Sniffed, { kind: 'boxes' }> }
  /** Only reading from front to back gives the answer. */
  | { kind: 'unclear' };

/** Finds `moov` by walking over the top-level boxes. Throws `ReadError` when there is none. */
export async function locateMoov(readStretch: ReadStretch): Promise<Located> {
  const walk = await startWalk(readStretch);
  const media = walk.window;
  const sniffed = sniff(media.bytes);
  if (sniffed.kind !== 'boxes') {
    return { kind: 'sniffed', sniffed };
  }
  let ftyp: Buffer = Buffer.alloc(0);
  let at = 0;
  while (walk.requests <= MAX_REQUESTS) {
    const box = await boxAt(walk, at);
    walk.boxes += 1;
    if (walk.boxes > MAX_BOXES) throw tooManyBoxes('the file');
    if (box.type === 'moov') {
      const moov = await readBox(walk, box, MAX_MOOV_BYTES);
      checkBoxCount(moov);
      return { kind: 'moov', ftyp, moov, media, isFileCut: isFileCut(walk, box, moov) };
    }
    if (box.type === 'ftyp' && ftyp.length === 0) {
      ftyp = await readBox(walk, box, MAX_FTYP_BYTES);
    }
    if (isHiddenMoov(walk, box)) {
      return { kind: 'unclear' };
    }
    at = box.end;
  }
  return { kind: 'unclear' };
}

interface Walk {
  readStretch: ReadStretch;
  requests: number;
  boxes: number;
  /** The available bytes, and their position in the file. */
  window: { start: number; bytes: Buffer };
  totalBytes: number | null;
}

async function startWalk(readStretch: ReadStretch): Promise<Walk> {
  const first = await readStretch(0, FIRST_READ_BYTES);
  if (first === null || first.bytes.length === 0) {
    throw new ReadError('empty', 'the file is empty', { isRetryable: false });
  }
  const window = { start: 0, bytes: first.bytes };
  return { readStretch, requests: 1, boxes: 0, window, totalBytes: first.totalBytes };
}

async function boxAt(walk: Walk, at: number): Promise<Box> {
  let box = readBoxHeader(walk.window.bytes, at - walk.window.start, walk.window.start);
  if (box === 'incomplete' && Number.isFinite(at)) {
    await moveTo(walk, at);
    box = readBoxHeader(walk.window.bytes, 0, at);
  }
  if (box === 'broken' || box === 'incomplete') {
    throw missingMoov(walk, at, box);
  }
  if (at === 0 && !/^[\x20-\x7e\xa9]{4}$/.test(box.type)) {
    throw notAVideo(walk.window.bytes);
  }
  return box;
}

async function moveTo(walk: Walk, at: number): Promise<void> {
  const { window } = walk;
  const isInside = at >= window.start && at < window.start + window.bytes.length;
  const isKnownEnd = walk.totalBytes !== null && at === walk.totalBytes;
  if (isKnownEnd && !isInside) {
    walk.window = { start: at, bytes: Buffer.alloc(0) };
    return;
  }
  walk.requests += 1;
  const isOpenEnded = walk.requests >= OPEN_ENDED_FROM_REQUEST;
  const length = isOpenEnded ? walkOn(at) : NEXT_READ_BYTES;
  const stretch = await walk.readStretch(at, length);
  walk.window = { start: at, bytes: stretch?.bytes ?? Buffer.alloc(0) };
}

/**
 * Bytes until `moov` is complete, or the available ones if they show that the walk continues elsewhere. Each call
 * continues where the last one stopped, so that no byte is read twice.
 */
function walkOn(fileOffset: number): NeededBytes {
  let at = 0;
  let boxes = 0;
  return (bytes) => {
    while (at <= bytes.length) {
      const box = readBoxHeader(bytes, at, fileOffset);
      const needed = neededAt(box, at, fileOffset, bytes.length);
      if (needed !== null) return needed;
      boxes += 1;
      if (typeof box === 'string' || box.end > fileOffset + MAX_WALKED_BYTES) return 0;
      if (boxes > MAX_BOXES) return 0;
      at = box.end - fileOffset;
    }
    return 0;
  };
}

/** Null when the walk continues after this box, within the available bytes. */
function neededAt(
  box: ReturnType<typeof readBoxHeader>,
  at: number,
  fileOffset: number,
  haveBytes: number,
): number | null {
  if (box === 'incomplete') return at + MAX_BOX_HEADER_SIZE;
  if (box === 'broken') return 0;
  const end = box.end - fileOffset;
  if (box.type === 'moov') return Math.min(end, at + MAX_MOOV_BYTES + 1);
  if (end <= haveBytes) return null;
  return end <= haveBytes + READ_ON_BYTES ? end : 0;
}

/** The box's bytes; fewer when the file ends within it. */
async function readBox(walk: Walk, box: Box, maxBytes: number): Promise<Buffer> {
  const { window } = walk;
  const size = box.end - box.start;
  const sizeAtMost = Math.min(size, (walk.totalBytes ?? Infinity) - box.start);
  if (Number.isFinite(size) && sizeAtMost > maxBytes) {
    throw tooLarge(box, maxBytes);
  }
  const have = window.bytes.subarray(box.start - window.start, box.end - window.start);
  const restStart = box.start + have.length;
  if (have.length >= size || restStart === walk.totalBytes) {
    return have;
  }
  walk.requests += 1;
  const left = Math.min(size, maxBytes + 1) - have.length;
  const rest = await walk.readStretch(restStart, left);
  const whole = Buffer.concat([have, rest?.bytes ?? Buffer.alloc(0)]);
  if (whole.length > maxBytes) {
    throw tooLarge(box, maxBytes);
  }
  walk.window = { start: box.start, bytes: whole };
  return whole;
}

/** Sample tables take some kilobytes per second of video. Larger boxes hold pictures, maps and an editor's notes. */
export function tooLarge({ type }: { type: string }, maxBytes: number): ReadError {
  const found = `the ${type} box is larger than ${maxBytes / 1024 / 1024} MB`;
  const advice =
    'copy the video without its pictures and metadata (`ffmpeg -i in.mp4 -map 0:V -map 0:a? -map_metadata -1 -c copy out.mp4`)';
  return new ReadError('too_large', type === 'moov' ? `${found}: ${advice}` : found, {
    isRetryable: false,
  });
}

/** Whether the file ends within `moov`, or within a box that follows it. */
function isFileCut({ window, totalBytes }: Walk, moovBox: Box, moov: Buffer): boolean {
  let box: ReturnType<typeof readBoxHeader> = moovBox;
  if (Number.isFinite(box.end) && moov.length < box.end - box.start) {
    return true;
  }
  while (typeof box !== 'string' && Number.isFinite(box.end)) {
    if (totalBytes !== null && box.end > totalBytes) {
      return true;
    }
    box = readBoxHeader(window.bytes, box.end - window.start, window.start);
  }
  return false;
}

/** Editors delete a `moov` by renaming it to `free`; ffprobe uses it again if there is no other. */
function isHiddenMoov({ window }: Walk, box: Box): boolean {
  const at = box.start - window.start + 12;
  const isCovered = box.type === 'free' || box.type === 'hoov';
  return isCovered && /^(mvhd|cmov)$/.test(window.bytes.toString('latin1', at, at + 4));
}

function missingMoov(walk: Walk, at: number, why: 'broken' | 'incomplete'): ReadError {
  if (at === 0) {
    return notAVideo(walk.window.bytes);
  }
  const { totalBytes } = walk;
  const size = totalBytes === null ? '' : ` of ${totalBytes} bytes`;
  if (why === 'broken') {
    const message = `the boxes of the file${size} end at byte ${at}, before any moov box`;
    return new ReadError('broken_boxes', message, { isRetryable: false });
  }
  if (at === totalBytes) {
    const message = `the file${size} is complete but has no moov box, so nothing describes a video`;
    return new ReadError('no_moov', message, { isRetryable: false });
  }
  return new ReadError('truncated', `the file${size} ends before its moov box`, {
    isRetryable: false,
  });
}

function notAVideo(bytes: Buffer): ReadError {
  const start = bytes.subarray(0, 8).toString('hex');
  const message = `not a video of any known kind: the file begins with ${start}`;
  return new ReadError('not_a_video', message, { isRetryable: false });
}
