import { closeSync, readSync } from 'node:fs';
import { BloomFilter } from './bloom-filter.ts';
import { openNameless, writeAll } from './nameless-file.ts';

/** high, low, row: 32 bits each. */
const ENTRY_BYTES = 12;
const BUCKETS = 512;
const BUCKET_SHIFT = 23;

export interface DigestEntry {
  high: number;
  low: number;
  row: number;
}

/** The place of one spill's entries in the file, by the first 9 bits of their digest. */
interface Run {
  filter: BloomFilter;
  /** Start of the file's part, in bytes. */
  offset: number;
  /** The first entry of each bucket, with one more at the end. */
  starts: Uint32Array;
}

/**
 * Digests of rows in a temporary file that loses its name once it is open. It writes many at once, and reads a few
 * hundred to find a digest that may be there; some bits of each stay in memory. Synchronous: the system caches what
 * is written.
 * @throws the file system's errors.
 */
export class SpilledDigests implements Disposable {
  readonly #runs: Run[] = [];
  #file: number | null = null;
  #sizeBytes = 0;
  #scratch = Buffer.alloc(0);

  /** Adds entries, all of which must be new. */
  add(entries: Iterable<DigestEntry>, count: number): void {
    this.#file ??= openNameless();
    const starts = startsOf(entries);
    const next = starts.slice();
    const bytes = Buffer.allocUnsafe(count * ENTRY_BYTES);
    const filter = new BloomFilter(count);
    for (const { high, low, row } of entries) {
      const bucket = high >>> BUCKET_SHIFT;
      const at = (next[bucket] ?? 0) * ENTRY_BYTES;
      next[bucket] = (next[bucket] ?? 0) + 1;
      bytes.writeUInt32LE(high, at);
      bytes.writeUInt32LE(low, at + 4);
      bytes.writeUInt32LE(row, at + 8);
      filter.add(high, low);
    }
    writeAll(this.#file, bytes, this.#sizeBytes);
    this.#runs.push({ filter, offset: this.#sizeBytes, starts });
    this.#sizeBytes += bytes.length;
  }

  /** The row of a digest; null when it was never added. */
  find(high: number, low: number): number | null {
    for (const run of this.#runs) {
      const row = run.filter.mayHave(high, low) ? this.#findIn(run, high, low) : null;
      if (row !== null) return row;
    }
    return null;
  }

  #findIn({ starts, offset }: Run, high: number, low: number): number | null {
    const bucket = high >>> BUCKET_SHIFT;
    const first = starts[bucket] ?? 0;
    const sizeBytes = ((starts[bucket + 1] ?? 0) - first) * ENTRY_BYTES;
    if (this.#file === null || sizeBytes === 0) return null;
    if (this.#scratch.length < sizeBytes) this.#scratch = Buffer.alloc(2 * sizeBytes);
    const read = readSync(this.#file, this.#scratch, 0, sizeBytes, offset + first * ENTRY_BYTES);
    for (let at = 0; at < read; at += ENTRY_BYTES) {
      if (this.#scratch.readUInt32LE(at) === high && this.#scratch.readUInt32LE(at + 4) === low) {
        return this.#scratch.readUInt32LE(at + 8);
      }
    }
    return null;
  }

  [Symbol.dispose](): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
    this.#runs.length = 0;
  }
}

function startsOf(entries: Iterable<DigestEntry>): Uint32Array {
  const starts = new Uint32Array(BUCKETS + 1);
  for (const { high } of entries) {
    const after = (high >>> BUCKET_SHIFT) + 1;
    starts[after] = (starts[after] ?? 0) + 1;
  }
  for (let bucket = 1; bucket <= BUCKETS; bucket += 1) {
    starts[bucket] = (starts[bucket] ?? 0) + (starts[bucket - 1] ?? 0);
  }
  return starts;
}
