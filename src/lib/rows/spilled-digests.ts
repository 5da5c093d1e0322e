import { closeSync, readSync } from 'node:fs';
import { BloomFilter } from './bloom-filter.ts';
import { openNameless, writeAll } from './nameless-file.ts';

/** Of a digest and its row, 32 bits each: high, low, row. A row of 0 marks an empty place. */
export const ENTRY_WORDS = 3;
const ENTRY_BYTES = 4 * ENTRY_WORDS;
const BUCKETS = 512;
const BUCKET_SHIFT = 23;

/** Looking at one filter for several spills is as many times faster. */
const RUNS_PER_FILTER = 8;

/** The place of one spill's entries in the file, by the first 9 bits of their digest. */
interface Run {
  /** Start of the file's part, in bytes. */
  offset: number;
  /** The first entry of each bucket, with one more at the end. */
  starts: Uint32Array;
}

/** Spills that share a filter. */
interface Group {
  filter: BloomFilter;
  runs: Run[];
}

/**
 * Digests of rows in a temporary file that loses its name once it is open. It writes many at once, and reads a few
 * hundred to find a digest that may be there; some bits of each stay in memory. Synchronous: the system caches what
 * is written.
 * @throws the file system's errors.
 */
export class SpilledDigests implements Disposable {
  readonly #groups: Group[] = [];
  #file: number | null = null;
  #sizeBytes = 0;
  #scratch = new Uint32Array(0);

  /** Adds the `count` digests of a table of entries, all of which must be new. */
  add(table: Uint32Array, count: number): void {
    this.#file ??= openNameless();
    const { filter, runs } = this.#groupFor(count);
    const starts = startsOf(table);
    const next = starts.slice();
    const words = new Uint32Array(count * ENTRY_WORDS);
    for (let place = 0; place < table.length; place += ENTRY_WORDS) {
      const row = table[place + 2] as number;
      if (row === 0) continue;
      const high = table[place] as number;
      const low = table[place + 1] as number;
      const bucket = high >>> BUCKET_SHIFT;
      const at = (next[bucket] as number) * ENTRY_WORDS;
      next[bucket] = (next[bucket] as number) + 1;
      words[at] = high;
      words[at + 1] = low;
      words[at + 2] = row;
      filter.add(high, low);
    }
    const bytes = new Uint8Array(words.buffer);
    writeAll(this.#file, bytes, this.#sizeBytes);
    runs.push({ offset: this.#sizeBytes, starts });
    this.#sizeBytes += bytes.length;
  }

  #groupFor(count: number): Group {
    const latest = this.#groups.at(-1);
    if (latest && latest.runs.length < RUNS_PER_FILTER) return latest;
    const group = { filter: new BloomFilter(RUNS_PER_FILTER * count), runs: [] };
    this.#groups.push(group);
    return group;
  }

  /** The row of a digest; null when it was never added. */
  find(high: number, low: number): number | null {
    for (const { filter, runs } of this.#groups) {
      const row = filter.mayHave(high, low) ? this.#findInEach(runs, high, low) : null;
      if (row !== null) return row;
    }
    return null;
  }

  #findInEach(runs: readonly Run[], high: number, low: number): number | null {
    for (const run of runs) {
      const row = this.#findIn(run, high, low);
      if (row !== null) return row;
    }
    return null;
  }

  #findIn({ starts, offset }: Run, high: number, low: number): number | null {
    const bucket = high >>> BUCKET_SHIFT;
    const first = starts[bucket] ?? 0;
    const sizeBytes = ((starts[bucket + 1] ?? 0) - first) * ENTRY_BYTES;
    if (this.#file === null || sizeBytes === 0) return null;
    if (this.#scratch.byteLength < sizeBytes) this.#scratch = new Uint32Array(sizeBytes / 2);
    const words = this.#scratch;
    const read = readSync(this.#file, words, 0, sizeBytes, offset + first * ENTRY_BYTES);
    for (let at = 0; at < read / 4; at += ENTRY_WORDS) {
      if (words[at] === high && words[at + 1] === low) return words[at + 2] ?? null;
    }
    return null;
  }

  [Symbol.dispose](): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
    this.#groups.length = 0;
  }
}

function startsOf(table: Uint32Array): Uint32Array {
  const starts = new Uint32Array(BUCKETS + 1);
  for (let place = 0; place < table.length; place += ENTRY_WORDS) {
    if (table[place + 2] === 0) continue;
    const after = ((table[place] as number) >>> BUCKET_SHIFT) + 1;
    starts[after] = (starts[after] as number) + 1;
  }
  for (let bucket = 1; bucket <= BUCKETS; bucket += 1) {
    starts[bucket] = (starts[bucket] ?? 0) + (starts[bucket - 1] ?? 0);
  }
  return starts;
}
