import type { Batch } from '../../lib/core/batch/batch.ts';
import { sourceOf } from '../../lib/core/manifest/check-row.ts';
import type { ManifestRow } from '../../lib/core/manifest/manifest.ts';
import type { Source } from '../../lib/core/manifest/source.ts';
import { identityOf } from '../../lib/core/video/video-identity.ts';
import { RowDigests } from '../../lib/rows/row-digests.ts';
import { createKeyReader } from '../../lib/rows/row-key.ts';
import type { Manifest } from '../manifest/open-manifest.ts';
import { createCellNormalizer } from '../normalize-cells.ts';
import { RowSet } from '../row-set.ts';

const MAX_EXAMPLES = 3;

/** How a manifest's row compares with a batch. */
export interface FoundRow {
  /** The row of the batch that it is; null for none. */
  known: number | null;
  /** It has that row's video. */
  isSame: boolean;
  /** It repeats an earlier row of the manifest. */
  isRepeated: boolean;
}

/**
 * Finds the rows of a manifest in a batch: by all cells, or by a key. First all of the batch is added, then rows are
 * found, each once.
 */
export class RowFinder implements Disposable {
  readonly #batch: Pick<Batch, 'rows' | 'shape'>;
  readonly #cellsOfKnown: (row: ManifestRow) => string[];
  readonly #cellsOfRow: (row: ManifestRow) => string[];
  readonly #keyOfKnown: ((row: ManifestRow) => string[] | null) | null;
  readonly #keyOfRow: ((row: ManifestRow) => string[] | null) | null;
  /** The batch's rows by their number, the manifest's by theirs plus the number of the batch's rows. */
  readonly #digests = new RowDigests();
  /** Rows of the batch that repeat no earlier one. */
  readonly #known = new RowSet();
  readonly #seen = new RowSet();
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
  }

  /** False when it repeats an earlier row of the batch. */
  addKnown(row: ManifestRow): boolean {
    const isNew = this.#addByKey(row) ?? this.#add(this.#cellsOfKnown(row), row.row);
    if (isNew) this.#known.add(row.row);
    return isNew;
  }

  /** `source`: what it points at; null for a malformed row. */
  find(row: ManifestRow, source: Source | null): FoundRow {
    const total = this.#batch.rows;
    const place = this.#digests.findOrAdd(this.#cellsOfRow(row), total + row.row);
    if (place !== null && place > total) return { known: null, isSame: false, isRepeated: true };
    const byKey = source === null ? null : this.#findByKey(row, source);
    if (byKey !== null) return byKey;
    const isRepeated = place !== null && this.#seen.has(place);
    // Also for a malformed row: it is still in the manifest.
    if (place !== null) this.#seen.add(place);
    return { known: isRepeated ? null : place, isSame: true, isRepeated };
  }

  /** Whether a row of the batch was not found. */
  isMissing(row: number): boolean {
    return this.#known.has(row) && !this.#seen.has(row);
  }

  [Symbol.dispose](): void {
    this.#digests[Symbol.dispose]();
  }

  #add(cells: readonly string[], row: number): boolean {
    return this.#digests.findOrAdd(cells, row) === null;
  }

  /** Null if the key does not identify the row. */
  #addByKey(row: ManifestRow): true | null {
    const key = this.#keyOfKnown?.(row) ?? null;
    if (key === null || !this.#add(['key', ...key], row.row)) return null;
    const source = sourceOf(this.#batch.shape, row);
    if (source !== null) this.#digests.findOrAdd(['video', ...key, identityOf(source)], row.row);
    return true;
  }

  /** Null if the key does not identify the row, or there is no key. */
  #findByKey(row: ManifestRow, source: Source): FoundRow | null {
    if (this.#keyOfRow === null) return null;
    const total = this.#batch.rows;
    const key = this.#keyOfRow(row);
    if (key === null) return this.#noteBadKey('empty', `line ${row.line} has none`);
    const known = this.#digests.findOrAdd(['key', ...key], total + row.row);
    if (known !== null && (known > total || this.#seen.has(known))) {
      return this.#noteBadKey('repeated', `line ${row.line} repeats "${key.join(', ')}"`);
    }
    if (known === null) return { known, isSame: false, isRepeated: false };
    this.#seen.add(known);
    const video = ['video', ...key, identityOf(source)];
    const isSame = this.#digests.findOrAdd(video, total + row.row) === known;
    return { known, isSame, isRepeated: false };
  }

  #noteBadKey(kind: 'empty' | 'repeated', example: string): null {
    this.badKeys[kind] += 1;
    if (this.badKeys.examples.length < MAX_EXAMPLES) this.badKeys.examples.push(example);
    return null;
  }
}
