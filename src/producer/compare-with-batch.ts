import type { Batch, RowSelection } from '../lib/core/batch/batch.ts';
import { chunkOfRow, firstRowOfChunk } from '../lib/core/batch/chunk.ts';
import { checkRow } from '../lib/core/manifest/check-row.ts';
import type { ManifestRow } from '../lib/core/manifest/manifest.ts';
import type { Outcome } from '../lib/core/row/outcome.ts';

import { type RowStatus, readEntries } from '../lib/report/read-entries.ts';
import type { ReportEntry } from '../lib/report/report-formatter.ts';
import { RowDigests } from '../lib/rows/row-digests.ts';
import type { BatchStore } from '../lib/store/batch-store.ts';
import { describeSource } from './describe-source.ts';
import type { Manifest } from './manifest/open-manifest.ts';
import { createCellNormalizer } from './normalize-cells.ts';
import { RowSet } from './row-set.ts';

/**
 * - `new`: not in the batch.
 * - `failed`: in the batch, where it ended without a session.
 * - `unchanged`: in the batch, with a session or not ended yet.
 * - `invalid`: malformed in the manifest, whatever it was in the batch.
 * - `repeated`: repeats an earlier row of the manifest.
 * - `removed`: only in the batch.
 */
export const COMPARISON_KINDS = [
  'new',
  'failed',
  'unchanged',
  'invalid',
  'repeated',
  'removed',
] as const;
export type ComparisonKind = (typeof COMPARISON_KINDS)[number];

export interface ComparedRow {
  /** Row and line in the manifest; in the batch for `removed`. */
  row: number;
  line: number;
  source: string;
  /** Why it failed there, or what is wrong with it here; null without a reason. */
  remark: string | null;
}

export interface Comparison {
  /** All but `removed` add up to the manifest's rows. */
  counts: Record<ComparisonKind, number>;
  /** The first ones of each kind, at most 10. */
  examples: Record<ComparisonKind, ComparedRow[]>;
  /** The manifest's rows of the requested kinds. */
  picked: RowSet;
}

const MAX_EXAMPLES = 10;
export const WITHOUT_SESSION: ReadonlySet<RowStatus> = new Set([
  'invalid',
  'rejected',
  'failed',
  'unconfirmed',
  'cancelled',
]);

export interface ComparisonContext {
  store: BatchStore;
  /** Called from time to time with the rows read so far, those of the batch first. */
  onProgress?: (rows: number) => void;
  signal: AbortSignal;
}

/**
 * Compares a manifest with a batch, row by row and by all the user's cells; changes nothing. Keeps a digest per
 * distinct row, never the rows. Throws when a chunk of the batch is missing from the store.
 */
export async function compareWithBatch(
  context: ComparisonContext,
  manifest: Manifest,
  batch: Batch,
  kinds: RowSelection['kinds'],
): Promise<Comparison> {
  const { store, onProgress, signal } = context;
  using comparer = new Comparer(manifest, batch, new Set(kinds));
  for await (const entries of readEntries(store, batch)) {
    signal.throwIfAborted();
    for (const entry of entries) comparer.addKnown(entry);
    onProgress?.(entries.at(-1)?.row.row ?? 0);
  }
  for await (const rows of manifest.rows()) {
    signal.throwIfAborted();
    for (const row of rows) comparer.compare(row);
    onProgress?.(batch.rows + (rows.at(-1)?.row ?? 0));
  }
  return await comparer.finish(store);
}

class Comparer implements Disposable {
  readonly #manifest: Manifest;
  readonly #batch: Batch;
  readonly #cellsOfKnown: (row: ManifestRow) => string[];
  readonly #cellsOfRow: (row: ManifestRow) => string[];
  /** The batch's rows by their number; the manifest's rows by theirs plus the number of rows in the batch. */
  readonly #digests = new RowDigests();
  /** Rows of the batch that do not repeat an earlier one. */
  readonly #known = new RowSet();
  readonly #withoutSession = new RowSet();
  readonly #seen = new RowSet();
  readonly #counts = forEachKind(() => 0);
  readonly #examples = forEachKind((): ComparedRow[] => []);
  readonly #wanted: ReadonlySet<ComparisonKind>;
  readonly #picked = new RowSet();
  /** The rows of the batch that the examples of `failed` refer to. */
  readonly #failedThere: number[] = [];

  constructor(manifest: Manifest, batch: Batch, wanted: ReadonlySet<ComparisonKind>) {
    this.#wanted = wanted;
    this.#manifest = manifest;
    this.#batch = batch;
    this.#cellsOfKnown = createCellNormalizer(batch.shape);
    this.#cellsOfRow = createCellNormalizer(manifest.shape);
  }

  addKnown({ row, result }: ReportEntry): void {
    if (this.#digests.findOrAdd(this.#cellsOfKnown(row), row.row) !== null) return;
    this.#known.add(row.row);
    if (typeof result !== 'string' && WITHOUT_SESSION.has(result.status)) {
      this.#withoutSession.add(row.row);
    }
  }

  compare(row: ManifestRow): void {
    const { kind, remark } = this.#classify(row);
    this.#counts[kind] += 1;
    if (this.#wanted.has(kind)) this.#picked.add(row.row);
    const examples = this.#examples[kind];
    if (examples.length >= MAX_EXAMPLES) return;
    const source = describeSource(this.#manifest.shape, row);
    examples.push({ row: row.row, line: row.line, source, remark });
  }

  #classify(row: ManifestRow): { kind: ComparisonKind; remark: string | null } {
    const total = this.#batch.rows;
    const earlier = this.#digests.findOrAdd(this.#cellsOfRow(row), total + row.row);
    const known = earlier !== null && earlier <= total ? earlier : null;
    const isRepeated = earlier !== null && (known === null || this.#seen.has(known));
    // Also for an invalid row, because it is not removed.
    if (known !== null) this.#seen.add(known);
    const checked = checkRow(this.#manifest.shape, row);
    if (!checked.ok) {
      const remark = checked.problems.map(({ message }) => message).join(' ');
      return { kind: 'invalid', remark };
    }
    if (isRepeated) return { kind: 'repeated', remark: null };
    if (known === null) return { kind: 'new', remark: null };
    if (!this.#withoutSession.has(known)) return { kind: 'unchanged', remark: null };
    if (this.#failedThere.length < MAX_EXAMPLES) this.#failedThere.push(known);
    return { kind: 'failed', remark: null };
  }

  [Symbol.dispose](): void {
    this.#digests[Symbol.dispose]();
  }

  async finish(store: BatchStore): Promise<Comparison> {
    const { id, rows: total } = this.#batch;
    const outcomes = await store.readOutcomesOf(id, this.#failedThere);
    const failed = this.#examples.failed.map((example, index) => ({
      ...example,
      remark: remarkOn(outcomes.get(this.#failedThere[index] ?? 0)),
    }));
    const removed: ComparedRow[] = [];
    for (let row = 1; row <= total && removed.length < MAX_EXAMPLES; row += 1) {
      if (this.#known.has(row) && !this.#seen.has(row))
        removed.push(await this.#readKnown(store, row));
    }
    return {
      counts: { ...this.#counts, removed: this.#known.size - this.#seen.size },
      examples: { ...this.#examples, failed, removed },
      picked: this.#picked,
    };
  }

  async #readKnown(store: BatchStore, row: number): Promise<ComparedRow> {
    const chunk = chunkOfRow(row);
    const rows = await store.readChunk(this.#batch.id, chunk);
    const found = rows?.[row - firstRowOfChunk(chunk)];
    if (found === undefined) throw new Error(`row ${row} of batch ${this.#batch.id} is missing`);
    return {
      row,
      line: found.line,
      source: describeSource(this.#batch.shape, found),
      remark: null,
    };
  }
}

/** Rows that a cancellation ended before they began may have no outcome of their own. */
function remarkOn(outcome: Outcome | undefined): string {
  if (outcome === undefined) return 'cancelled';
  return outcome.error ? `${outcome.status}: ${outcome.error.message}` : outcome.status;
}

function forEachKind<T>(make: () => T): Record<ComparisonKind, T> {
  return Object.fromEntries(COMPARISON_KINDS.map((kind) => [kind, make()])) as Record<
    ComparisonKind,
    T
  >;
}
