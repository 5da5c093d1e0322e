import { deflateSync } from 'node:zlib';
import type { FrameRun } from '../../src/lib/core/video/frame-timing.ts';
import { findInner, type InnerBox, innerBoxes } from '../../src/lib/video/mp4/boxes.ts';

/** A box with a 32-bit size. */
export function box(type: string, body: Buffer = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + body.length);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, body]);
}

export interface TopBox {
  type: string;
  bytes: Buffer;
}

/** The top-level boxes of a file whose sizes are all right. */
export function topBoxes(file: Buffer): TopBox[] {
  let start = 0;
  return [...innerBoxes(file, 0, file.length)].map(({ type, end }) => {
    const bytes = file.subarray(start, end);
    start = end;
    return { type, bytes };
  });
}

const joinBoxes = (boxes: TopBox[]): Buffer => Buffer.concat(boxes.map(({ bytes }) => bytes));

/** Replaces the first top-level box of a type. */
function replaceBox(file: Buffer, type: string, change: (bytes: Buffer) => Buffer): Buffer {
  let isDone = false;
  return joinBoxes(
    topBoxes(file).map((top) => {
      if (top.type !== type || isDone) {
        return top;
      }
      isDone = true;
      return { type, bytes: change(top.bytes) };
    }),
  );
}

export const insertBefore = (file: Buffer, type: string, ...added: Buffer[]): Buffer =>
  replaceBox(file, type, (bytes) => Buffer.concat([...added, bytes]));

export const removeBox = (file: Buffer, type: string): Buffer =>
  replaceBox(file, type, () => Buffer.alloc(0));

/** The 8 bytes of `free` in front of `mdat`, which ffmpeg leaves there for it, become a 64-bit size. */
export function widenMdat(file: Buffer): Buffer {
  const widened = Buffer.from(file);
  const at = file.indexOf('mdat') - 4;
  const size = BigInt(file.readUInt32BE(at) + 8);
  widened.writeUInt32BE(1, at - 8);
  widened.write('mdat', at - 4);
  widened.writeBigUInt64BE(size, at);
  return widened;
}

/** Size 0: the box reaches to the end of the file. */
export function openEnd(file: Buffer, type: string): Buffer {
  return replaceBox(file, type, (bytes) => {
    const opened = Buffer.from(bytes);
    opened.writeUInt32BE(0);
    return opened;
  });
}

/** Puts a `free` box at the end of `moov`, as editors do that leave room for tags. */
export const growMoov = (file: Buffer, filling: Buffer): Buffer =>
  replaceBox(file, 'moov', (moov) =>
    box('moov', Buffer.concat([moov.subarray(8), box('free', filling)])),
  );

/** Packs `moov` with zlib, as old QuickTime did. */
export function compressMoov(file: Buffer): Buffer {
  return replaceBox(file, 'moov', (moov) => {
    const size = Buffer.alloc(4);
    size.writeUInt32BE(moov.length);
    const packed = box('cmvd', Buffer.concat([size, deflateSync(moov)]));
    return box('moov', box('cmov', Buffer.concat([box('dcom', Buffer.from('zlib')), packed])));
  });
}

/** Overwrites bytes inside a box that lies under `moov`, in every track. `offset` counts from the box's body. */
export function patchTracks(file: Buffer, path: string[], offset: number, bytes: Buffer): Buffer {
  return replaceBox(file, 'moov', (original) => {
    const moov = Buffer.from(original);
    for (const trak of tracksOf(moov)) {
      const found = findInner(moov, trak, path);
      if (found !== undefined) {
        bytes.copy(moov, found.bodyStart + offset);
      }
    }
    return moov;
  });
}

export function patchMovieHeader(file: Buffer, offset: number, bytes: Buffer): Buffer {
  return replaceBox(file, 'moov', (original) => {
    const moov = Buffer.from(original);
    const found = findInner(moov, { bodyStart: 8, end: moov.length }, ['mvhd']);
    if (found !== undefined) {
      bytes.copy(moov, found.bodyStart + offset);
    }
    return moov;
  });
}

/** As VLC's muxer writes a clip with B-frames: its first two frames have no duration. */
export const withoutFirstDurations = (file: Buffer): Buffer =>
  replaceFrames(file, ([first = { count: 0, ticks: 0 }, ...rest]) => [
    { count: 2, ticks: 0 },
    { ...first, count: first.count - 2 },
    ...rest,
  ]);

/** A last frame of a second and a half, like recorders that hold the last frame until they are stopped. */
export const withLongLastFrame = (file: Buffer): Buffer =>
  replaceFrames(file, ([first = { count: 0, ticks: 0 }]) => [
    { ...first, count: first.count - 1 },
    { count: 1, ticks: first.ticks * 45 },
  ]);

/** Rewrites the durations of the only track. For files whose `moov` comes last. */
function replaceFrames(file: Buffer, change: (runs: FrameRun[]) => FrameRun[]): Buffer {
  return replaceBox(file, 'moov', (moov) => {
    const stts = moov.indexOf('stts') - 4;
    const end = stts + moov.readUInt32BE(stts);
    const runs: FrameRun[] = [];
    for (let at = stts + 16; at < end; at += 8) {
      runs.push({ count: moov.readUInt32BE(at), ticks: moov.readUInt32BE(at + 4) });
    }
    const changed = change(runs);
    const numbers = [0, changed.length, ...changed.flatMap(({ count, ticks }) => [count, ticks])];
    const body = Buffer.alloc(numbers.length * 4);
    numbers.forEach((value, index) => {
      body.writeUInt32BE(value, index * 4);
    });
    const replaced = Buffer.concat([moov.subarray(0, stts), box('stts', body), moov.subarray(end)]);
    return resizeAround(replaced, stts, body.length + 8 - (end - stts));
  });
}

/** Corrects the sizes of the boxes around what has grown at an offset. */
function resizeAround(moov: Buffer, offset: number, growth: number): Buffer {
  for (const type of ['moov', 'trak', 'mdia', 'minf', 'stbl']) {
    const at = moov.lastIndexOf(type, offset) - 4;
    moov.writeUInt32BE(moov.readUInt32BE(at) + growth, at);
  }
  return moov;
}

/** Puts a `free` box in front of `mdat` and corrects the chunk offsets for it. For files whose `moov` comes last. */
export function moveMedia(file: Buffer, size: number): Buffer {
  const moved = insertBefore(file, 'mdat', box('free', Buffer.alloc(size)));
  return replaceBox(moved, 'moov', (original) => {
    const moov = Buffer.from(original);
    for (const trak of tracksOf(moov)) {
      const stco = findInner(moov, trak, ['mdia', 'minf', 'stbl', 'stco']);
      for (let at = (stco?.bodyStart ?? Infinity) + 8; at < (stco?.end ?? 0); at += 4) {
        moov.writeUInt32BE(moov.readUInt32BE(at) + size + 8, at);
      }
    }
    return moov;
  });
}

function tracksOf(moov: Buffer): InnerBox[] {
  return [...innerBoxes(moov, 8, moov.length)].filter(({ type }) => type === 'trak');
}
