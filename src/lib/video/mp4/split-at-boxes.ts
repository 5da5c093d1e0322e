import { type Box, MAX_BOXES, readBoxHeader, tooManyBoxes } from './boxes.ts';

/** A part of the file within one top-level box. */
export interface Piece {
  start: number;
  bytes: Buffer;
  type: string;
  boxStart: number;
  /** Infinity when the box reaches to the end of the file. */
  boxEnd: number;
}

/**
 * Cuts a stream at the borders of its top-level boxes; ends where no box can start, as ffprobe does. Throws
 * `too_many_boxes`.
 */
export async function* splitAtBoxes(body: AsyncIterable<Buffer>): AsyncGenerator<Piece> {
  const splitter = new BoxSplitter();
  for await (const chunk of body) {
    yield* splitter.split(chunk);
    if (splitter.isBroken) {
      return;
    }
  }
}

class BoxSplitter {
  isBroken = false;
  #at = 0;
  #boxes = 0;
  #box: Box = { type: '', start: 0, headerSize: 8, end: 0 };
  /** The start of a box header that continues in the next chunk. */
  #pending: Buffer = Buffer.alloc(0);

  *split(chunk: Buffer): Generator<Piece> {
    let bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    this.#pending = Buffer.alloc(0);
    while (bytes.length > 0 && this.#enterBox(bytes)) {
      const own = bytes.subarray(0, Math.min(bytes.length, this.#box.end - this.#at));
      const { type, start: boxStart, end: boxEnd } = this.#box;
      yield { start: this.#at, bytes: own, type, boxStart, boxEnd };
      this.#at += own.length;
      bytes = bytes.subarray(own.length);
    }
  }

  /** Makes the box of these bytes the current one; false when there are too few bytes or no box can start. */
  #enterBox(bytes: Buffer): boolean {
    if (this.#at < this.#box.end) {
      return true;
    }
    const next = readBoxHeader(bytes, 0, this.#at);
    if (next === 'incomplete') {
      this.#pending = bytes;
      return false;
    }
    if (next === 'broken') {
      this.isBroken = true;
      return false;
    }
    this.#boxes += 1;
    if (this.#boxes > MAX_BOXES) throw tooManyBoxes('the file');
    this.#box = next;
    return true;
  }
}
