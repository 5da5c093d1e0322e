import type { RowSelection } from '../../lib/core/batch/batch.ts';
import { chunkOfRow, firstRowOfChunk } from '../../lib/core/batch/chunk.ts';
import type { ManifestRow } from '../../lib/core/manifest/manifest.ts';
import type { Source } from '../../lib/core/manifest/source.ts';
import type { Continuation } from '../../lib/core/row/decide-kept.ts';
import type { Outcome } from '../../lib/core/row/outcome.ts';
import type { BatchStore } from '../../lib/store/batch-store.ts';
import type { ContinuedTable } from '../continuing/continued-table.ts';
import { findEarlier } from '../continuing/keep-sessions.ts';
import { ReturnedRows } from '../continuing/returned-rows.ts';
import { type FoundRow, RowFinder } from '../continuing/row-finder.ts';
import { RowMatches } from '../continuing/row-matches.ts';
import { describeSource } from '../describe-source.ts';
import type { Manifest } from '../manifest/open-manifest.ts';
import { RowSet } from '../row-set.ts';
import {
  COMPARISON_KINDS,
  type ComparedRow,
  type Comparison,
  type ComparisonKind,
} from './comparison.ts';

export interface ComparisonOptions {
  /** Kinds of rows to pick. */
  kinds: RowSelection['kinds'];
  /** Columns by which a row is the same row; null for all its cells. */
  key?: readonly string[] | null;
  /** The time at which sessions must be live; default now. */
  nowMs?: number;
}

const MAX_EXAMPLES = 10;

type ContinuationOfRows = Record<
  'kept' | 'changed' | 'isNew' | 'failed' | 'expired' | 'pending',
  number
>;

interface DoubtfulRow {
  row: number;
  /** The batch's row that it is. */
  known: number;
  source: Source;
  count: 'changed' | 'failed';
}

/** Compares row by row: first all of the batch are added, then the manifest's, then it is finished. */
export class Comparer implements Disposable {
  readonly #manifest: Manifest;
  readonly #table: ContinuedTable;
  readonly #finder: RowFinder;
  readonly nowMs: number;
  /** What would happen to each of the batch's rows if the manifest has it again. */
  readonly #standing: Record<Exclude<Continuation, 'keep'>, RowSet> = {
    failed: new RowSet(),
    expired: new RowSet(),
    pending: new RowSet(),
  };
  /**
   * Rows of the batch that the manifest has replaced, at the same place, by a row that was not
   * found.
   */
  readonly #edited = new RowSet();
  /** The batch's row that is expected next. */
  #next = 1;
  readonly #counts = forEachKind(() => 0);
  readonly #continuation: ContinuationOfRows = {
    kept: 0,
    changed: 0,
    isNew: 0,
    failed: 0,
    expired: 0,
    pending: 0,
  };
  /** Rows to be called that may have a live session from before their latest end. */
  readonly #doubtful: DoubtfulRow[] = [];
  /** Rows to be called that may be in a batch before. */
  readonly #returned: ReturnedRows | null;
  readonly #examples = forEachKind((): ComparedRow[] => []);
  /** Examples of rows that have no kind yet. */
  readonly #undecided: ComparedRow[] = [];
  readonly #wanted: ReadonlySet<ComparisonKind>;
  readonly #picked = new RowSet();
  readonly #matches = new RowMatches();
  /** The batch's row for each example of `failed`. */
  readonly #failedThere: number[] = [];

  /** `reserved`: what another comparer of the two found to be displaced. */
  constructor(
    manifest: Manifest,
    table: ContinuedTable,
    options: ComparisonOptions,
    reserved?: RowSet,
  ) {
    this.#wanted = new Set(options.kinds);
    this.#manifest = manifest;
    this.#table = table;
    this.nowMs = options.nowMs ?? Date.now();
    const key = options.key ?? null;
    this.#finder = new RowFinder(table, manifest, key, reserved);
    this.#returned = table.before.length === 0 ? null : new ReturnedRows(manifest.shape, key);
  }

  /** Rows of the batch that were found with another video before the row with their key and video came. */
  get displaced(): RowSet {
    return this.#finder.displaced;
  }

  /** `standing`: null if it repeats another row of the batch. */
  addKnown(row: ManifestRow, standing: Continuation | null): void {
    if (standing === null || !this.#finder.addKnown(row)) return;
    if (standing !== 'keep') this.#standing[standing].add(row.row);
  }

  compare(row: ManifestRow): void {
    const found = this.#finder.find(row);
    const { settled, known, isSame, mayBe } = found;
    if (mayBe !== null) {
      this.#matches.addUndecided(row.row, settled, mayBe);
      if (this.#undecided.length < MAX_EXAMPLES) this.#undecided.push(this.#describe(row));
      this.#next = mayBe + 1;
      return;
    }
    const { kind, remark } = this.#classify(found);
    const isValid = settled.kind !== 'invalid';
    this.#matches.add(row.row, settled, isValid && known !== null ? { known, isSame } : null);
    if (isValid && !found.isRepeated) this.#continue(row, found);
    this.#count(kind, row.row);
    if (this.#examples[kind].length < MAX_EXAMPLES) {
      this.#addExample(kind, { ...this.#describe(row), remark }, known);
    }
  }

  /** Each row of the batch that no row was found to be is the first one that it may be. */
  #decide(): void {
    this.#matches.decideAll((row, mayBe) => {
      const isThat = this.#finder.take(mayBe);
      const kind = isThat ? this.#kindOf(mayBe) : 'new';
      this.#count(kind, row);
      this.#continuation[isThat ? this.#countOf(mayBe, true) : 'isNew'] += 1;
      const example = this.#undecided.find((one) => one.row === row);
      if (example) this.#addExample(kind, example, mayBe);
      return isThat;
    });
  }

  #count(kind: ComparisonKind, row: number): void {
    this.#counts[kind] += 1;
    if (this.#wanted.has(kind)) this.#picked.add(row);
  }

  #describe(row: ManifestRow): ComparedRow {
    const source = describeSource(this.#manifest.shape, row);
    return { row: row.row, line: row.line, source, remark: null };
  }

  #addExample(kind: ComparisonKind, example: ComparedRow, known: number | null): void {
    if (this.#examples[kind].length >= MAX_EXAMPLES) return;
    this.#examples[kind].push(example);
    if (kind === 'failed' && known !== null) this.#failedThere.push(known);
  }

  #classify({ settled, known, isSame, isRepeated }: FoundRow): {
    kind: ComparisonKind;
    remark: string | null;
  } {
    if (settled.kind === 'invalid') {
      const remark = settled.problems.map(({ message }) => message).join(' ');
      return { kind: 'invalid', remark };
    }
    if (isRepeated) return { kind: 'repeated', remark: null };
    if (known === null) return { kind: 'new', remark: null };
    if (!isSame) return { kind: 'new', remark: `another video than row ${known} had` };
    return { kind: this.#kindOf(known), remark: null };
  }

  /** Of a row that is this one of the batch, with the same video. */
  #kindOf(known: number): 'failed' | 'unchanged' {
    return this.#standing.failed.has(known) ? 'failed' : 'unchanged';
  }

  /** Records what happens to a row when the manifest continues the batch. */
  #continue(row: ManifestRow, { settled, known, isSame, mayReturn }: FoundRow): void {
    const counts = this.#continuation;
    const sought = mayReturn && settled.kind === 'called' ? settled.source : null;
    if (known === null) {
      counts.isNew += 1;
      if (sought) this.#returned?.seek(row, sought, { count: 'isNew', place: this.#next });
      if (this.#next <= this.#table.batch.rows) this.#edited.add(this.#next);
      this.#next += 1;
      return;
    }
    this.#next = known + 1;
    const count = this.#countOf(known, isSame);
    counts[count] += 1;
    if (count === 'changed' && sought) this.#returned?.seek(row, sought, { count, place: 0 });
    if ((count === 'changed' || count === 'failed') && settled.kind === 'called') {
      this.#doubtful.push({ row: row.row, known, source: settled.source, count });
    }
  }

  #countOf(known: number, isSame: boolean): Exclude<keyof ContinuationOfRows, 'isNew'> {
    if (!isSame) return 'changed';
    if (this.#standing.failed.has(known)) return 'failed';
    if (this.#standing.expired.has(known)) return 'expired';
    return this.#standing.pending.has(known) ? 'pending' : 'kept';
  }

  /** A row may name its video from two batches ago again, and that session may still be live. */
  async lookBack(): Promise<void> {
    const doubtful = this.#doubtful.splice(0);
    const earlier = await this.#table.readEarlierOf(doubtful.map(({ known }) => known));
    for (const { row, known, source, count } of doubtful) {
      if (findEarlier(earlier.get(known) ?? [], source, this.nowMs) === null) continue;
      this.#matches.keepEarlier(row);
      this.#returned?.forget(row);
      this.#continuation[count] -= 1;
      this.#continuation.kept += 1;
    }
  }

  async #lookFurtherBack(): Promise<void> {
    for await (const some of this.#returned?.findIn(this.#table, this.nowMs) ?? []) {
      for (const { row, known, count, place } of some) {
        this.#matches.replace(row, known);
        this.#continuation[count] -= 1;
        this.#continuation.kept += 1;
        this.#edited.delete(place);
      }
    }
  }

  [Symbol.dispose](): void {
    this.#finder[Symbol.dispose]();
    this.#returned?.[Symbol.dispose]();
  }

  async finish(store: BatchStore): Promise<Comparison> {
    this.#decide();
    await this.#lookFurtherBack();
    const { id, rows: total } = this.#table.batch;
    const outcomes = await store.readOutcomesOf(id, this.#failedThere);
    const failed = this.#examples.failed.map((example, index) => ({
      ...example,
      remark: remarkOn(outcomes.get(this.#failedThere[index] ?? 0)),
    }));
    const missing: number[] = [];
    const gone: number[] = [];
    let removed = 0;
    let edited = 0;
    for (let row = 1; row <= total; row += 1) {
      if (!this.#finder.isMissing(row)) continue;
      removed += 1;
      const isEdited = this.#edited.has(row);
      if (isEdited) edited += 1;
      else if (gone.length < MAX_EXAMPLES) gone.push(row);
      if (missing.length < MAX_EXAMPLES) missing.push(row);
    }
    const { pending, ...continuation } = this.#continuation;
    return {
      counts: { ...this.#counts, removed },
      examples: { ...this.#examples, failed, removed: await this.#readAll(store, missing) },
      picked: this.#picked,
      matches: this.#matches,
      continuation: {
        ...continuation,
        failed: continuation.failed + pending,
        changed: continuation.changed + edited,
        isNew: continuation.isNew - edited,
        invalid: this.#counts.invalid,
        repeated: this.#counts.repeated,
        removed: removed - edited,
      },
      gone: await this.#readAll(store, gone),
      pending,
      badKeys: this.#finder.badKeys,
    };
  }

  async #readAll(store: BatchStore, rows: readonly number[]): Promise<ComparedRow[]> {
    return await Promise.all(rows.map((row) => this.#readKnown(store, row)));
  }

  async #readKnown(store: BatchStore, row: number): Promise<ComparedRow> {
    const chunk = chunkOfRow(row);
    const rows = await store.readChunk(this.#table.batch.id, chunk);
    const found = rows?.[row - firstRowOfChunk(chunk)];
    if (found === undefined)
      throw new Error(`row ${row} of batch ${this.#table.batch.id} is missing`);
    return {
      row,
      line: found.line,
      source: describeSource(this.#table.shape, found),
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
