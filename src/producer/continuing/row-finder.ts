import type { Batch } from '../../lib/core/batch/batch.ts';
import { sourceOf } from '../../lib/core/manifest/check-row.ts';
import type { ManifestRow } from '../../lib/core/manifest/manifest.ts';
import { RowDigests } from '../../lib/rows/row-digests.ts';
import { createKeyReader } from '../../lib/rows/row-key.ts';
import { RowWords } from '../../lib/rows/row-words.ts';
import { TextDigest } from '../../lib/rows/text-digest.ts';
import type { Manifest } from '../manifest/open-manifest.ts';
import { createCellNormalizer } from '../normalize-cells.ts';
import { RowSet } from '../row-set.ts';
import { RowSettler, type SettledRow, videoText } from '../settle-rows.ts';

const MAX_EXAMPLES = 3;

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
  /** It was looked for as its table asks for: by its key, or by its cells where there is no key. */
  isAsAsked: boolean;
}

/**
 * Finds the rows of a manifest in a batch: by all cells, or by a key. First all of the batch is added, then rows are
 * found, each once. Most rows come in the same order as in the batch, so the row after the latest one is tried first.
 */
export class RowFinder implements Disposable {
  readonly #batch: Pick<Batch, 'rows' | 'shape'>;
  readonly #cellsOfKnown: (row: ManifestRow) => string[];
  readonly #cellsOfRow: (row: ManifestRow) => string[];
  readonly #keyOfKnown: ((row: ManifestRow) => string[] | null) | null;
  readonly #keyOfRow: ((row: ManifestRow) => string[] | null) | null;
  readonly #digest = new TextDigest();
  readonly #settler: RowSettler;
  /**
   * Digests of keys or of cells. The batch's rows have their own numbers; the manifest's have theirs plus the number of
   * rows in the batch.
   */
  readonly #digests = new RowDigests();
  /** The digest by which each row of the batch is known. */
  readonly #marks = new RowWords();
  /** The videos of rows that are known by a key, and which rows these are. */
  readonly #videos = new RowWords();
  readonly #keyed = new RowSet();
  /** Rows of the batch that repeat no earlier one. */
  readonly #known = new RowSet();
  readonly #seen = new RowSet();
  /** The row of the batch that would be next. */
  #next = 1;
  readonly badKeys = { empty: 0, repeated: 0, examples: [] as string[] };

  constructor(
    batch: Pick<Batch, 'rows' | 'shape'>,
    manifest: Pick<Manifest, 'shape'>,
    key: readonly string[] | null,
  ) {
    this.#batch = batch;
    this.#cellsOfKnown = createCellNormalizer(batch.shape);
    this.#cellsOfRow = createCellNormalizer(manifest.shape);
    this.#keyOfKnown = key && createKeyReader(batch.shape, key);
    this.#keyOfRow = key && createKeyReader(manifest.shape, key);
    this.#settler = new RowSettler(manifest.shape, this.#digest);
  }

  /** False when it repeats an earlier row of the batch. */
  addKnown(row: ManifestRow): boolean {
    const isNew = this.#addByKey(row) || this.#add(this.#cellsOfKnown(row), row.row);
    if (isNew) this.#known.add(row.row);
    return isNew;
  }

  find(row: ManifestRow): FoundRow {
    const settled = this.#settler.settle(row);
    if (settled.kind === 'repeated')
      return { settled, known: null, isSame: false, isRepeated: true, isAsAsked: false };
    const byKey = settled.kind === 'called' ? this.#findByKey(row, settled) : null;
    if (byKey !== null) return byKey;
    const place = this.#findPlace(this.#cellsOfRow(row), row.row);
    // Also for a malformed row: it is still in the manifest.
    const known = place === null ? null : this.#see(place);
    const isRepeated = place !== null && known === null;
    return { settled, known, isSame: true, isRepeated, isAsAsked: this.#keyOfRow === null };
  }

  /** Whether a row of the batch was not found. */
  isMissing(row: number): boolean {
    return this.#known.has(row) && !this.#seen.has(row);
  }

  [Symbol.dispose](): void {
    this.#settler[Symbol.dispose]();
    this.#digests[Symbol.dispose]();
    this.#marks[Symbol.dispose]();
    this.#videos[Symbol.dispose]();
  }

  #add(texts: readonly string[], row: number): boolean {
    this.#digest.of(texts);
    const { high, low } = this.#digest;
    if (this.#digests.findOrAddDigest(high, low, row) !== null) return false;
    this.#marks.add(row, high, low);
    return true;
  }

  /** False if the key does not identify the row, or there is no key. */
  #addByKey(row: ManifestRow): boolean {
    const key = this.#keyOfKnown?.(row) ?? null;
    if (key === null || !this.#add(['key', ...key], row.row)) return false;
    const source = sourceOf(this.#batch.shape, row);
    if (source === null) return true;
    this.#digest.of([videoText(source)]);
    this.#videos.add(row.row, this.#digest.high, this.#digest.low);
    this.#keyed.add(row.row);
    return true;
  }

  /** The row of the batch, or of the manifest, with the same texts; null when this one is the first. */
  #findPlace(texts: readonly string[], row: number): number | null {
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

  /** Null if the key does not identify the row, or there is no key. */
  #findByKey(row: ManifestRow, settled: SettledRow): FoundRow | null {
    if (this.#keyOfRow === null) return null;
    const key = this.#keyOfRow(row);
    if (key === null) return this.#noteBadKey('empty', `line ${row.line} has none`);
    const place = this.#findPlace(['key', ...key], row.row);
    if (place === null) {
      return { settled, known: null, isSame: false, isRepeated: false, isAsAsked: true };
    }
    const known = this.#see(place);
    if (known === null) {
      return this.#noteBadKey('repeated', `line ${row.line} repeats "${key.join(', ')}"`);
    }
    const { videoHigh, videoLow } = this.#settler;
    const isSame = this.#keyed.has(known) && this.#videos.has(known, videoHigh, videoLow);
    return { settled, known, isSame, isRepeated: false, isAsAsked: true };
  }

  #noteBadKey(kind: 'empty' | 'repeated', example: string): null {
    this.badKeys[kind] += 1;
    if (this.badKeys.examples.length < MAX_EXAMPLES) this.badKeys.examples.push(example);
    return null;
  }
}
