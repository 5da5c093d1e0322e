import type { Batch } from '../../lib/core/batch/batch.ts';
import { savedForms } from '../../lib/core/continuing/saved-form.ts';
import { sourceOf } from '../../lib/core/manifest/check-row.ts';
import type { ManifestRow } from '../../lib/core/manifest/manifest.ts';
import { RowDigests } from '../../lib/rows/row-digests.ts';
import { createKeyReader } from '../../lib/rows/row-key.ts';
import { RowWords } from '../../lib/rows/row-words.ts';
import { TextDigest } from '../../lib/rows/text-digest.ts';
import type { Manifest } from '../manifest/open-manifest.ts';
import { createCellNormalizer, createSavedCells } from '../normalize-cells.ts';
import { RowSet } from '../row-set.ts';
import { RowSettler, type SettledRow, videoText } from '../settle-rows.ts';

const MAX_EXAMPLES = 3;

/** The texts as a spreadsheet may have saved them; the given ones if it would change none. */
type Saved = (texts: readonly string[]) => readonly string[];

const asWritten: Saved = (texts) => texts;

type CalledRow = Extract<SettledRow, { kind: 'called' }>;

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
   * It was looked for as its table asks for: by its key, or by its cells where there is no key. False also if it may be
   * a row that another one has been taken for, whose session it must not share.
   */
  isAsAsked: boolean;
}

/**
 * Finds the rows of a manifest in a batch: by all cells, or by a key. First all of the batch is added, then rows are
 * found, each once. Most rows come in the same order as in the batch, so the row after the latest one is tried first.
 * A row that is not found as it is written is looked for as a spreadsheet may have saved it.
 */
export class RowFinder implements Disposable {
  readonly #batch: Pick<Batch, 'rows' | 'shape'>;
  readonly #cellsOfKnown: (row: ManifestRow) => string[];
  readonly #cellsOfRow: (row: ManifestRow) => string[];
  readonly #savedKnown: Saved;
  readonly #savedRow: Saved;
  readonly #keyOfKnown: ((row: ManifestRow) => string[] | null) | null;
  readonly #keyOfRow: ((row: ManifestRow) => string[] | null) | null;
  readonly #digest = new TextDigest();
  readonly #settler: RowSettler;
  /**
   * Digests of keys or of cells. The batch's rows have their own numbers; the manifest's have theirs plus the number of
   * rows in the batch.
   */
  readonly #digests = new RowDigests();
  /** The batch's rows by the form in which a spreadsheet may save them, where that is another one; keys with the video. */
  readonly #savedForms = new RowDigests();
  /** The digest by which each row of the batch is known. */
  readonly #marks = new RowWords();
  /** The videos of rows that are known by a key, and which rows these are. */
  readonly #videos = new RowWords();
  readonly #keyed = new RowSet();
  /** Rows of the batch that repeat no earlier one. */
  readonly #known = new RowSet();
  readonly #seen = new RowSet();
  /** Of these, those that were not found as they are written: the row that is written so may still come. */
  readonly #seenAsSaved = new RowSet();
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
    this.#savedKnown = createSavedCells(batch.shape);
    this.#savedRow = createSavedCells(manifest.shape);
    this.#keyOfKnown = key && createKeyReader(batch.shape, key);
    this.#keyOfRow = key && createKeyReader(manifest.shape, key);
    this.#settler = new RowSettler(manifest.shape, this.#digest);
  }

  /** False when it repeats an earlier row of the batch. */
  addKnown(row: ManifestRow): boolean {
    const isNew =
      this.#addByKey(row) || this.#add(this.#cellsOfKnown(row), row.row, this.#savedKnown);
    if (isNew) this.#known.add(row.row);
    return isNew;
  }

  find(row: ManifestRow): FoundRow {
    const settled = this.#settler.settle(row);
    if (settled.kind === 'repeated')
      return { settled, known: null, isSame: false, isRepeated: true, isAsAsked: false };
    const byKey = settled.kind === 'called' ? this.#findByKey(row, settled) : null;
    if (byKey !== null) return byKey;
    const cells = this.#cellsOfRow(row);
    const place = this.#findPlace(cells, row.row);
    const isFree = place === null || this.#seenAsSaved.has(place);
    const saved = isFree ? this.#findSaved(cells, this.#savedRow(cells)) : null;
    // Also for a malformed row: it is still in the manifest.
    const known = isFree ? this.#seeAsSaved(saved) : this.#see(place);
    const isRepeated = !isFree && known === null;
    const isUnlike = place === null && saved === null;
    const isAsAsked = this.#keyOfRow === null && (isUnlike || known !== null);
    return { settled, known, isSame: true, isRepeated, isAsAsked };
  }

  /** Whether a row of the batch was not found. */
  isMissing(row: number): boolean {
    return this.#known.has(row) && !this.#seen.has(row);
  }

  [Symbol.dispose](): void {
    this.#settler[Symbol.dispose]();
    this.#digests[Symbol.dispose]();
    this.#savedForms[Symbol.dispose]();
    this.#marks[Symbol.dispose]();
    this.#videos[Symbol.dispose]();
  }

  #add(texts: readonly string[], row: number, saved: Saved): boolean {
    this.#digest.of(texts);
    const { high, low } = this.#digest;
    if (this.#digests.findOrAddDigest(high, low, row) !== null) return false;
    this.#marks.add(row, high, low);
    const forms = saved(texts);
    if (forms !== texts) this.#savedForms.findOrAdd(forms, row);
    return true;
  }

  /** False if the key does not identify the row, or there is no key. */
  #addByKey(row: ManifestRow): boolean {
    const key = this.#keyOfKnown?.(row) ?? null;
    const texts = key && ['key', ...key];
    if (texts === null || !this.#add(texts, row.row, asWritten)) return false;
    const source = sourceOf(this.#batch.shape, row);
    if (source === null) return true;
    const video = videoText(source);
    const forms = savedForms(texts);
    if (forms !== texts) this.#savedForms.findOrAdd([...forms, video], row.row);
    this.#digest.of([video]);
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

  /** The row of the batch that a spreadsheet may have saved as these texts. */
  #findSaved(texts: readonly string[], saved: readonly string[]): number | null {
    const asSaved = saved === texts ? null : this.#findDigest(saved);
    // The manifest's own rows have higher numbers.
    if (asSaved !== null && asSaved <= this.#batch.rows) return asSaved;
    return this.#savedForms.find(saved);
  }

  /** All rows in `#digests` are known by the digests of `#digest`, whose key is random. */
  #findDigest(texts: readonly string[]): number | null {
    this.#digest.of(texts);
    return this.#digests.findDigest(this.#digest.high, this.#digest.low);
  }

  /** The batch's row at a place; null if an earlier row of the manifest is this one. */
  #see(place: number | null): number | null {
    if (place === null || place > this.#batch.rows || this.#seen.has(place)) return null;
    this.#seen.add(place);
    this.#next = place + 1;
    return place;
  }

  #seeAsSaved(place: number | null): number | null {
    const known = this.#see(place);
    if (known !== null) this.#seenAsSaved.add(known);
    return known;
  }

  /** Null if the key does not identify the row, or there is no key. */
  #findByKey(row: ManifestRow, settled: CalledRow): FoundRow | null {
    if (this.#keyOfRow === null) return null;
    const key = this.#keyOfRow(row);
    if (key === null) return this.#noteBadKey('empty', `line ${row.line} has none`);
    const texts = ['key', ...key];
    const place = this.#findPlace(texts, row.row);
    if (place === null || this.#seenAsSaved.has(place)) {
      return this.#findBySavedKey(texts, settled, place);
    }
    const known = this.#see(place);
    if (known === null) {
      return this.#noteBadKey('repeated', `line ${row.line} repeats "${key.join(', ')}"`);
    }
    const isSame = this.#hasSettledVideo(known);
    const isAsAsked = isSame || this.#findSavedKey(texts, settled) === null;
    return { settled, known, isSame, isRepeated: false, isAsAsked };
  }

  /** `taken`: the row with this key that another row has been taken for; null for none. */
  #findBySavedKey(texts: readonly string[], settled: CalledRow, taken: number | null): FoundRow {
    const saved = this.#findSavedKey(texts, settled);
    const known = this.#seeAsSaved(saved);
    const isAsAsked = (taken === null && saved === null) || known !== null;
    return { settled, known, isSame: known !== null, isRepeated: false, isAsAsked };
  }

  /** `007` and `7` may also be two keys, so only the same video shows that a spreadsheet has saved the one as the other. */
  #findSavedKey(texts: readonly string[], { source }: CalledRow): number | null {
    const forms = savedForms(texts);
    const asSaved = forms === texts ? null : this.#findDigest(forms);
    if (asSaved !== null && this.#hasSettledVideo(asSaved)) return asSaved;
    return this.#savedForms.find([...forms, videoText(source)]);
  }

  /** Whether a row of the batch that has a key has the video of the row that was settled last. */
  #hasSettledVideo(known: number): boolean {
    const { videoHigh, videoLow } = this.#settler;
    return this.#keyed.has(known) && this.#videos.has(known, videoHigh, videoLow);
  }

  #noteBadKey(kind: 'empty' | 'repeated', example: string): null {
    this.badKeys[kind] += 1;
    if (this.badKeys.examples.length < MAX_EXAMPLES) this.badKeys.examples.push(example);
    return null;
  }
}
