import { hash } from 'node:crypto';
import { CHUNK_ROWS, countChunks } from '../../../core/batch/chunk.ts';

/**
 * The index of keys: six bytes a row, half of them a digest of its key, half its place. A section holds the rows of up
 * to 2,000 chunks, in as many parts as chunks. A row is in the part that another piece of its digest chooses, so a key
 * is looked for in one part of about 3 KB per section.
 */
const SECTION_CHUNKS = 2_000;
/** Rows of a section, at most. */
export const SECTION_ROWS = SECTION_CHUNKS * CHUNK_ROWS;

const DIGEST_BYTES = 3;
const PLACE_BYTES = 3;
const ENTRY_BYTES = DIGEST_BYTES + PLACE_BYTES;

/** Chooses the part: 32 bits; and is stored in it: 24 bits. */
type Digest = readonly [chosen: number, stored: number];

function digestKey(text: string): Digest {
  const sum = hash('sha1', text, 'binary'); // faster than a buffer
  return [bytesOf(sum, 0, 4), bytesOf(sum, 4, DIGEST_BYTES)];
}

/** A number from characters that stand for bytes. */
function bytesOf(text: string, start: number, count: number): number {
  let value = 0;
  for (let at = start; at < start + count; at += 1) value = value * 256 + text.charCodeAt(at);
  return value;
}

const partOf = (chosen: number, parts: number): number => Math.floor((chosen / 2 ** 32) * parts);

const FIRST_CAPACITY = 1 << 12;

/** The keys of one section, until they are packed: up to 12 MB. */
export class SectionKeys {
  #chosen = new Uint32Array(FIRST_CAPACITY);
  #stored = new Uint32Array(FIRST_CAPACITY);
  #places = new Uint32Array(FIRST_CAPACITY);
  #size = 0;

  /** `place`: of the row in its section, from 0; ascending. */
  add(text: string, place: number): void {
    if (this.#size === this.#places.length) this.#grow();
    const [chosen, stored] = digestKey(text);
    this.#chosen[this.#size] = chosen;
    this.#stored[this.#size] = stored;
    this.#places[this.#size] = place;
    this.#size += 1;
  }

  /** One part after the other, for a section of this many rows; each may be empty. */
  pack(rows: number): Buffer[] {
    const parts = countChunks(rows);
    const sizes = new Uint32Array(parts);
    for (const chosen of this.#chosen.subarray(0, this.#size)) {
      const part = partOf(chosen, parts);
      sizes[part] = (sizes[part] ?? 0) + 1;
    }
    const packed = Array.from(sizes, (size) => Buffer.allocUnsafe(size * ENTRY_BYTES));
    const ends = new Uint32Array(parts);
    for (let at = 0; at < this.#size; at += 1) {
      const part = partOf(this.#chosen[at] ?? 0, parts);
      const start = ends[part] ?? 0;
      packed[part]?.writeUIntBE(this.#stored[at] ?? 0, start, DIGEST_BYTES);
      packed[part]?.writeUIntBE(this.#places[at] ?? 0, start + DIGEST_BYTES, PLACE_BYTES);
      ends[part] = start + ENTRY_BYTES;
    }
    return packed;
  }

  #grow(): void {
    const grown = (old: Uint32Array): Uint32Array<ArrayBuffer> => {
      const larger = new Uint32Array(old.length * 2);
      larger.set(old);
      return larger;
    };
    this.#chosen = grown(this.#chosen);
    this.#stored = grown(this.#stored);
    this.#places = grown(this.#places);
  }
}

/** Where a key may be in the index of a batch with this many rows: one part per section. */
export function partsWithKey(text: string, rows: number): { part: number; firstRow: number }[] {
  const [chosen] = digestKey(text);
  const chunks = countChunks(rows);
  const sections = Math.ceil(chunks / SECTION_CHUNKS);
  return Array.from({ length: sections }, (_, section) => {
    const firstChunk = section * SECTION_CHUNKS;
    const parts = Math.min(SECTION_CHUNKS, chunks - firstChunk);
    return { part: firstChunk + partOf(chosen, parts), firstRow: firstChunk * CHUNK_ROWS + 1 };
  });
}

/** Rows of a part that may have this key, in order; occasionally one has another key. */
export function rowsWithKey(text: string, part: Buffer, firstRow: number): number[] {
  const [, stored] = digestKey(text);
  const rows: number[] = [];
  for (let at = 0; at + ENTRY_BYTES <= part.length; at += ENTRY_BYTES) {
    if (part.readUIntBE(at, DIGEST_BYTES) !== stored) continue;
    rows.push(firstRow + part.readUIntBE(at + DIGEST_BYTES, PLACE_BYTES));
  }
  return rows;
}
