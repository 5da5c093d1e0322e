import { topBoxes } from './box-surgery.ts';

/** A number from 0 up to, not including, `limit`. The same seed gives the same numbers. */
export type Random = (limit: number) => number;

/** Numerical Recipes' generator: good enough to break files with, and repeatable. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

type Mutation = (file: Buffer, random: Random) => Buffer;

/** Damages a file in one to three ways, mostly where it describes the video. */
export function mutate(file: Buffer, random: Random): Buffer {
  let mutated = Buffer.from(file);
  for (let left = 1 + random(3); left > 0; left -= 1) {
    mutated = Buffer.from(pick(MUTATIONS, random)(mutated, random));
  }
  return mutated;
}

const MUTATIONS: Mutation[] = [
  flipBit,
  flipBit,
  setByte,
  setByte,
  cut,
  duplicate,
  remove,
  resizeBox,
  resizeBox,
  swapBoxes,
];

function pick<Item>(items: readonly Item[], random: Random): Item {
  const item = items[random(items.length)];
  if (item === undefined) {
    throw new Error('nothing to pick from');
  }
  return item;
}

/** An offset within `moov`, or three times in ten anywhere. */
function place(file: Buffer, random: Random): number {
  const moov = file.indexOf('moov');
  if (moov < 4 || random(10) < 3) {
    return random(file.length);
  }
  const size = Math.min(file.readUInt32BE(moov - 4), file.length - moov + 4);
  return moov - 4 + random(Math.max(1, size));
}

function flipBit(file: Buffer, random: Random): Buffer {
  const at = place(file, random);
  file.writeUInt8((file[at] ?? 0) ^ (1 << random(8)), at);
  return file;
}

function setByte(file: Buffer, random: Random): Buffer {
  file.writeUInt8(pick([0, 1, 0x7f, 0x80, 0xff], random), place(file, random));
  return file;
}

function cut(file: Buffer, random: Random): Buffer {
  return file.subarray(0, 1 + place(file, random));
}

function duplicate(file: Buffer, random: Random): Buffer {
  const at = place(file, random);
  const end = at + 1 + random(64);
  return Buffer.concat([file.subarray(0, end), file.subarray(at)]);
}

function remove(file: Buffer, random: Random): Buffer {
  const at = place(file, random);
  return file.length < 100
    ? file
    : Buffer.concat([file.subarray(0, at), file.subarray(at + 1 + random(32))]);
}

/** Changes the size of some box: the bytes before four letters are probably one. */
function resizeBox(file: Buffer, random: Random): Buffer {
  const start = place(file, random);
  for (let at = start; at + 8 < Math.min(file.length, start + 400); at += 1) {
    if (/^[a-z]{4}$/.test(file.toString('latin1', at + 4, at + 8))) {
      const size = file.readUInt32BE(at);
      file.writeUInt32BE(
        pick([0, 1, 7, 8, size + 1, size * 2, Math.max(0, size - 4), 0xffffffff], random) >>> 0,
        at,
      );
      return file;
    }
  }
  return file;
}

function swapBoxes(file: Buffer, random: Random): Buffer {
  const boxes = topBoxes(file);
  const [first, second] = [random(boxes.length), random(boxes.length)];
  const [a, b] = [boxes[first], boxes[second]];
  if (a === undefined || b === undefined) {
    return file;
  }
  boxes[first] = b;
  boxes[second] = a;
  return Buffer.concat(boxes.map(({ bytes }) => bytes));
}
