import type { Batch } from '../../lib/core/batch/batch.ts';
import { sourceOf } from '../../lib/core/manifest/check-row.ts';
import type { ManifestRow, ManifestShape } from '../../lib/core/manifest/manifest.ts';
import type { Source } from '../../lib/core/manifest/source.ts';
import { RowDigests } from '../../lib/rows/row-digests.ts';
import { createKeyReader } from '../../lib/rows/row-key.ts';
import { RowWords } from '../../lib/rows/row-words.ts';
import { TextDigest } from '../../lib/rows/text-digest.ts';
import { createCellNormalizer, createSavedCells, createSavedKey } from '../normalize-cells.ts';
import { videoText } from '../settle-rows.ts';
import type { ContinuedTable } from './continued-table.ts';
import type { Standings } from './read-standings.ts';

/** Two of them, by the lowest bit of a note. */
const COUNTS = ['isNew', 'changed'] as const;

/** What a row counts as, and the row of the batch in whose place it is (0 for none). */
export interface Note {
  count: (typeof COUNTS)[number];
  place: number;
}

export interface ReturnedRow extends Note {
  row: number;
  /** The row of the table that it is. */
  known: number;
}

/**
 * Finds rows in the batches that the table was before the continued one: a row that was removed, or had another video,
 * for a night may be back while its session lives. It is the same row by its key or, without one, by its cells, and has
 * the same video. Rows are added in their order; each takes 4 bytes and two digests, most of them in files.
 */
export class ReturnedRows implements Disposable {
  readonly #key: readonly string[] | null;
  readonly #textsOf: TextsOf;
  readonly #digest = new TextDigest();
  readonly #rows = new RowDigests();
  readonly #videos = new RowWords();
  /** By row: its place times 2, and the bit of its count, plus 1; 0 for none. */
  #notes = new Uint32Array(1 << 10);
  #size = 0;

  constructor(shape: ManifestShape, key: readonly string[] | null) {
    this.#key = key;
    this.#textsOf = createTextsOf(shape, key);
  }

  /** Looks for a row, unless an earlier one is the same. */
  seek(row: ManifestRow, source: Source, { count, place }: Note): void {
    const texts = this.#textsOf(row);
    if (texts === null) return;
    const number = row.row;
    this.#digest.of(texts.saved);
    const { high, low } = this.#digest;
    if (this.#rows.findOrAddDigest(high, low, number) !== null) return;
    this.#digest.of([videoText(source)]);
    this.#videos.add(number, this.#digest.high, this.#digest.low);
    if (number >= this.#notes.length) {
      const longer = new Uint32Array(Math.max(2 * this.#notes.length, number + 1));
      longer.set(this.#notes);
      this.#notes = longer;
    }
    this.#notes[number] = 2 * place + COUNTS.indexOf(count) + 1;
    this.#size += 1;
  }

  /** The row needs no session any more. */
  forget(row: number): void {
    if ((this.#notes[row] ?? 0) === 0) return;
    this.#notes[row] = 0;
    this.#size -= 1;
  }

  /** The rows that have a live session in an earlier batch of the table, each once and by the newest one. */
  async *findIn(table: ContinuedTable, nowMs: number): AsyncGenerator<ReturnedRow[]> {
    for (const batch of table.before) {
      if (this.#size === 0) return;
      const textsOf = createTextsOf(batch.shape, this.#key);
      using met = new RowDigests();
      for await (const part of table.readBefore(batch, nowMs)) {
        yield this.#findSome(batch, part, textsOf, met).map((found) => ({
          ...found,
          known: table.knownIn(batch, found.known),
        }));
      }
    }
  }

  #findSome(
    batch: Batch,
    { rows, standings }: Standings,
    textsOf: TextsOf,
    met: RowDigests,
  ): ReturnedRow[] {
    const found: ReturnedRow[] = [];
    rows.forEach((row, at) => {
      const number = standings[at] === null ? null : this.#find(row, textsOf, met);
      if (number === null || standings[at] !== 'keep') return;
      if (!this.#hasVideo(number, sourceOf(batch.shape, row))) return;
      const note = this.#notes[number] ?? 0;
      this.forget(number);
      const count = COUNTS[(note - 1) & 1] ?? 'isNew';
      found.push({ row: number, known: row.row, count, place: (note - 1) >>> 1 });
    });
    return found;
  }

  /**
   * The row that is sought and may be this one. `met`: the keys or cells of such rows of the batch, with a session or
   * without: of rows that have the same ones the first one counts.
   */
  #find(row: ManifestRow, textsOf: TextsOf, met: RowDigests): number | null {
    const texts = textsOf(row);
    if (texts === null) return null;
    this.#digest.of(texts.saved);
    const number = this.#rows.findDigest(this.#digest.high, this.#digest.low);
    if (number === null || met.findOrAdd(texts.own, row.row) !== null) return null;
    return (this.#notes[number] ?? 0) === 0 ? null : number;
  }

  #hasVideo(row: number, source: Source | null): boolean {
    if (source === null) return false;
    this.#digest.of([videoText(source)]);
    return this.#videos.has(row, this.#digest.high, this.#digest.low);
  }

  [Symbol.dispose](): void {
    this.#rows[Symbol.dispose]();
    this.#videos[Symbol.dispose]();
  }
}

/** What a row is known by, and the same as a spreadsheet may save it; null for a row without a key where rows have one. */
type TextsOf = (row: ManifestRow) => { own: readonly string[]; saved: readonly string[] } | null;

function createTextsOf(shape: ManifestShape, key: readonly string[] | null): TextsOf {
  const read = key === null ? createCellNormalizer(shape) : createKeyReader(shape, key);
  const save = key === null ? createSavedCells(shape) : createSavedKey(shape, key);
  return (row) => {
    const own = read(row);
    return own && { own, saved: save(own) };
  };
}
