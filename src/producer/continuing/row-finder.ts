import type { Batch } from '../../lib/core/batch/batch.ts';
import { sourceOf } from '../../lib/core/manifest/check-row.ts';
import type { ManifestRow, ManifestShape } from '../../lib/core/manifest/manifest.ts';
import { RowDigests } from '../../lib/rows/row-digests.ts';
import { createKeyReader } from '../../lib/rows/row-key.ts';
import { RowWords } from '../../lib/rows/row-words.ts';
import { TextDigest } from '../../lib/rows/text-digest.ts';
import type { Manifest } from '../manifest/open-manifest.ts';
import {
  createCellNormalizer,
  createSavedCells,
  createSavedKey,
  type SavedTexts,
} from '../normalize-cells.ts';
import { RowSet } from '../row-set.ts';
import { RowSettler, type SettledRow, videoText } from '../settle-rows.ts';
import { SavedForms } from './saved-forms.ts';

const MAX_EXAMPLES = 3;

type Texts = readonly string[];

/** How a manifest's row compares with a batch. */
export interface FoundRow {
  /** What it is by itself. */
  settled: SettledRow;
  /** The row of the batch that it is; null for none. */
  known: number | null;
  /** It has that row's video. */
  isSame: boolean;
  /** It repeats an earlier row of the manifest. */
  isRepeated: boolean;
  /**
   * The row of the batch that it may be if no other one is: they have the same video, and differ by numbers that a
   * spreadsheet rewrites. Null for none. `take` decides once all rows have been found.
   */
  mayBe: number | null;
  /**
   * Whether it may be looked for in earlier batches: it was looked for as its table asks for, by its key or by its cells
   * where there is no key, and no other row of the batch can have its session from there.
   */
  mayReturn: boolean;
}

/**
 * Finds the rows of a manifest in a batch: by all cells, or by a key. First all of the batch is added, then rows are
 * found, each once. Most rows come in the same order as in the batch, so the row after the latest one is tried first.
 * Last, rows that were not found as they are written may take those that no row has been found to be. So the order of
 * the rows is of no account, and each row of the batch is at most one row of the manifest.
 */
export class RowFinder implements Disposable {
  readonly #batch: Pick<Batch, 'rows' | 'shape'>;
  readonly #cellsOfKnown: (row: ManifestRow) => string[];
  readonly #cellsOfRow: (row: ManifestRow) => string[];
  readonly #savedKnown: SavedTexts;
  readonly #savedRow: SavedTexts;
  readonly #keyOfKnown: ((row: ManifestRow) => string[] | null) | null;
  readonly #keyOfRow: ((row: ManifestRow) => string[] | null) | null;
  readonly #digest = new TextDigest();
  readonly #settler: RowSettler;
  /**
   * Digests of keys or of cells. The batch's rows have their own numbers; the manifest's have theirs plus the number of
   * rows in the batch.
   */
  readonly #digests = new RowDigests();
  /** The batch's rows by what a spreadsheet would make of these keys or cells. */
  readonly #savedForms = new SavedForms((texts) => this.#findWritten(texts));
  /** The digest by which each row of the batch is known. */
  readonly #marks = new RowWords();
  /** The videos of rows that are known by a key, and which rows these are. */
  readonly #videos = new RowWords();
  readonly #keyed = new RowSet();
  /** Rows of the batch whose key later ones have, too. */
  readonly #repeated = new RowSet();
  /** Rows of the batch that repeat no earlier one. */
  readonly #known = new RowSet();
  readonly #seen = new RowSet();
  /** Rows of the batch whose key a malformed row of the manifest has. They may still be found as another row. */
  readonly #malformed = new RowSet();
  /** Rows of the batch that were found by their key, with another video. */
  readonly #changed = new RowSet();
  readonly #reserved: RowSet;
  /** The row of the batch that would be next. */
  #next = 1;
  /**
   * Rows of the batch that were found with another video before a row with their key and their video came. A new finder
   * that has them `reserved` finds that row.
   */
  readonly displaced = new RowSet();
  readonly badKeys = { empty: 0, repeated: 0, examples: [] as string[] };

  /** `reserved`: rows of the batch that no row with another video is, although it has their key. */
  constructor(
    batch: Pick<Batch, 'rows' | 'shape'>,
    manifest: Pick<Manifest, 'shape'>,
    key: readonly string[] | null,
    reserved: RowSet = new RowSet(),
  ) {
    this.#batch = batch;
    this.#reserved = reserved;
    this.#cellsOfKnown = createCellNormalizer(batch.shape);
    this.#cellsOfRow = createCellNormalizer(manifest.shape);
    const savedOf = (shape: ManifestShape): SavedTexts =>
      key === null ? createSavedCells(shape) : createSavedKey(shape, key);
    this.#savedKnown = savedOf(batch.shape);
    this.#savedRow = savedOf(manifest.shape);
    this.#keyOfKnown = key && createKeyReader(batch.shape, key);
    this.#keyOfRow = key && createKeyReader(manifest.shape, key);
    this.#settler = new RowSettler(manifest.shape, this.#digest);
  }

  /** False when it repeats an earlier row of the batch. */
  addKnown(row: ManifestRow): boolean {
    const isNew = this.#addByKey(row) || this.#addByCells(row);
    if (isNew) this.#known.add(row.row);
    return isNew;
  }

  find(row: ManifestRow): FoundRow {
    const settled = this.#settler.settle(row);
    const unlike = { settled, known: null, isSame: false, mayBe: null, mayReturn: false };
    if (settled.kind === 'repeated') return { ...unlike, isRepeated: true };
    if (settled.kind === 'invalid') this.#noteMalformed(row);
    const byKey = settled.kind === 'called' ? this.#findByKey(row, settled) : null;
    if (byKey !== null) return byKey;
    const cells = this.#cellsOfRow(row);
    const place = this.#findPlace(cells, row.row);
    if (place === null) {
      const isAsAsked = settled.kind === 'called' && this.#keyOfRow === null;
      const mayBe = isAsAsked ? this.#findSaved(cells, null) : null;
      return { ...unlike, isRepeated: false, mayBe, mayReturn: isAsAsked && mayBe === null };
    }
    // Also for a malformed row: it is still in the manifest.
    const known = this.#see(place);
    return { ...unlike, known, isSame: true, isRepeated: known === null };
  }

  /** Whether a row that was not found is the row that it may be; false if another one is. */
  take(mayBe: number): boolean {
    return this.#see(mayBe) !== null;
  }

  /** Whether a row of the batch was not found, not even as a malformed row. */
  isMissing(row: number): boolean {
    return this.#known.has(row) && !this.#seen.has(row) && !this.#malformed.has(row);
  }

  [Symbol.dispose](): void {
    this.#settler[Symbol.dispose]();
    this.#digests[Symbol.dispose]();
    this.#savedForms[Symbol.dispose]();
    this.#marks[Symbol.dispose]();
    this.#videos[Symbol.dispose]();
  }

  #add(texts: Texts, row: number): boolean {
    this.#digest.of(texts);
    const { high, low } = this.#digest;
    if (this.#digests.findOrAddDigest(high, low, row) !== null) return false;
    this.#marks.add(row, high, low);
    return true;
  }

  #addByCells(row: ManifestRow): boolean {
    const cells = this.#cellsOfKnown(row);
    const isNew = this.#add(cells, row.row);
    if (isNew && this.#keyOfKnown === null) this.#addSaved(cells, row.row);
    return isNew;
  }

  /** False if the key does not identify the row, or there is no key. */
  #addByKey(row: ManifestRow): boolean {
    const key = this.#keyOfKnown?.(row) ?? null;
    if (key === null) return false;
    if (!this.#add(keyTexts(key), row.row)) {
      const first = this.#digests.findDigest(this.#digest.high, this.#digest.low);
      if (first !== null) this.#repeated.add(first);
      return false;
    }
    this.#addSaved(key, row.row);
    const source = sourceOf(this.#batch.shape, row);
    if (source === null) return true;
    this.#digest.of([videoText(source)]);
    this.#videos.add(row.row, this.#digest.high, this.#digest.low);
    this.#keyed.add(row.row);
    return true;
  }

  /** `texts`: its key, or its cells where there is no key. */
  #addSaved(texts: Texts, row: number): void {
    this.#savedForms.add(texts, this.#savedKnown(texts), row);
  }

  #findSaved(texts: Texts, known: number | null): number | null {
    return this.#savedForms.findOther(texts, this.#savedRow(texts), known);
  }

  /** The row of the batch with this key or, where there is no key, with these cells. */
  #findWritten(texts: Texts): number | null {
    this.#digest.of(this.#keyOfRow === null ? texts : keyTexts(texts));
    const place = this.#digests.findDigest(this.#digest.high, this.#digest.low);
    // The manifest's own rows have higher numbers.
    return place !== null && place <= this.#batch.rows ? place : null;
  }

  /** The row of the batch, or of the manifest, with the same texts; null when this one is the first. */
  #findPlace(texts: Texts, row: number): number | null {
    this.#digest.of(texts);
    const { high, low } = this.#digest;
    const next = this.#next;
    if (this.#known.has(next) && this.#marks.has(next, high, low)) return next;
    return this.#digests.findOrAddDigest(high, low, this.#batch.rows + row);
  }

  /** The batch's row at a place; null if an earlier row of the manifest is this one. */
  #see(place: number): number | null {
    if (place > this.#batch.rows || this.#seen.has(place)) return null;
    this.#seen.add(place);
    this.#next = place + 1;
    return place;
  }

  /** A malformed row is still in the manifest, but takes no row of the batch from another one with its key. */
  #noteMalformed(row: ManifestRow): void {
    const key = this.#keyOfRow?.(row) ?? null;
    if (key === null) return;
    const place = this.#findWritten(key);
    if (place !== null) this.#malformed.add(place);
  }

  /** Null if the key does not identify the row, or there is no key. */
  #findByKey(row: ManifestRow, settled: SettledRow): FoundRow | null {
    if (this.#keyOfRow === null) return null;
    const key = this.#keyOfRow(row);
    if (key === null) return this.#noteBadKey('empty', `line ${row.line} has none`);
    const place = this.#findPlace(keyTexts(key), row.row);
    if (place === null) return this.#findLikeKey(key, settled);
    if (place > this.#batch.rows || this.#seen.has(place)) {
      if (this.#changed.has(place) && this.#hasSettledVideo(place)) this.displaced.add(place);
      return this.#noteRepeatedKey(row, key);
    }
    const found = { settled, isRepeated: false, mayBe: null };
    const same = this.#hasSettledVideo(place) ? this.#see(place) : this.#findTwin(row);
    if (same !== null) return { ...found, known: same, isSame: true, mayReturn: false };
    if (this.#reserved.has(place)) return this.#noteRepeatedKey(row, key);
    this.#changed.add(place);
    const mayReturn = !this.#repeated.has(place) && this.#findSaved(key, place) === null;
    return { ...found, known: this.#see(place), isSame: false, mayReturn };
  }

  /** No row of the batch has this key as it is written. */
  #findLikeKey(key: Texts, settled: SettledRow): FoundRow {
    const like = this.#findSaved(key, null);
    // `007` and `7` may also be two keys: only the same video shows that a spreadsheet made one of the other.
    const mayBe = like !== null && this.#hasSettledVideo(like) ? like : null;
    const mayReturn = like === null;
    return { settled, known: null, isSame: false, isRepeated: false, mayBe, mayReturn };
  }

  /** The row of the batch with all these cells whose key an earlier one had, which is gone, changed or comes later. */
  #findTwin(row: ManifestRow): number | null {
    this.#digest.of(this.#cellsOfRow(row));
    const place = this.#digests.findDigest(this.#digest.high, this.#digest.low);
    return place === null ? null : this.#see(place);
  }

  /** Whether a row of the batch that has a key has the video of the row that was settled last. */
  #hasSettledVideo(known: number): boolean {
    const { videoHigh, videoLow } = this.#settler;
    return this.#keyed.has(known) && this.#videos.has(known, videoHigh, videoLow);
  }

  #noteRepeatedKey({ line }: ManifestRow, key: Texts): null {
    return this.#noteBadKey('repeated', `line ${line} repeats "${key.join(', ')}"`);
  }

  #noteBadKey(kind: 'empty' | 'repeated', example: string): null {
    this.badKeys[kind] += 1;
    if (this.badKeys.examples.length < MAX_EXAMPLES) this.badKeys.examples.push(example);
    return null;
  }
}

/** So that a key is never equal to cells. */
const keyTexts = (key: Texts): string[] => ['key', ...key];
