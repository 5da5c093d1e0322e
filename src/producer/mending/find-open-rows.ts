import type { Batch } from '../../lib/core/batch/batch.ts';
import { savedForms } from '../../lib/core/continuing/saved-form.ts';
import { sourceOf } from '../../lib/core/manifest/check-row.ts';
import type { ManifestRow } from '../../lib/core/manifest/manifest.ts';
import { WITHOUT_SESSION } from '../../lib/core/row/row.ts';
import { identityOf } from '../../lib/core/video/video-identity.ts';
import type { RowStatus } from '../../lib/report/read-entries.ts';
import { type FindContext, findRows } from '../../lib/rows/find-rows.ts';
import { RowDigests } from '../../lib/rows/row-digests.ts';
import { createKeyReader } from '../../lib/rows/row-key.ts';
import { createCellNormalizer, createSavedCells, createSavedKey } from '../normalize-cells.ts';
import { RowSet } from '../row-set.ts';

export const WITH_SESSION: ReadonlySet<RowStatus> = new Set(['succeeded', 'reused']);
const PAGE_ROWS = 500;

/** What the batches that mend a batch leave to do. */
export interface RowsLeft {
  /** The batch's rows without a session that no row of a mending batch stands for. */
  open: RowSet;
  /** Sessions of mending batches whose rows stand for none of them. */
  unmatched: number;
}

/** Called with each row of a mending batch that has a session, and the row that it stands for; null for none. */
type OnSession = (mending: Batch, row: number, found: number | null) => void;

/**
 * Finds the row that each row of the mending batches stands for: the only one with the same key or, if there is none,
 * with the same cells, the same video, or the same cells but for the video. A spreadsheet may have saved keys and cells
 * meanwhile. Reads the rows without a session, and those of the mending batches that have one; keeps digests.
 */
export async function findOpenRows(
  context: FindContext,
  batch: Batch,
  mending: readonly Batch[],
  onSession?: OnSession,
): Promise<RowsLeft> {
  const open = new RowSet();
  using finder = new OpenRowFinder(batch);
  for await (const row of listRows(context, batch, new Set(WITHOUT_SESSION))) {
    open.add(row.row);
    finder.add(row);
  }
  let unmatched = 0;
  for (const other of mending) {
    const marksOf = finder.marksOf(other);
    for await (const row of listRows(context, other, WITH_SESSION)) {
      const found = finder.find(marksOf(row), open);
      if (found === null) unmatched += 1;
      else open.delete(found);
      onSession?.(other, row.row, found);
    }
  }
  return { open, unmatched };
}

async function* listRows(
  context: FindContext,
  batch: Batch,
  statuses: ReadonlySet<RowStatus>,
): AsyncGenerator<ManifestRow> {
  const query = { statuses, code: null, text: null, limit: PAGE_ROWS, budgetMs: Infinity };
  for (let fromRow: number | null = 1; fromRow !== null; ) {
    const page = await findRows(context, batch, { ...query, fromRow });
    for (const { row } of page.entries) yield row;
    fromRow = page.nextRow;
  }
}

/** What a row may be known by, the surest first; null for what it lacks. */
type Marks = (readonly string[] | null)[];

class OpenRowFinder implements Disposable {
  readonly #key: Batch['key'];
  readonly #ownMarks: (row: ManifestRow) => Marks;
  readonly #digests = new RowDigests();
  /** Rows that share a mark with a later one, by the place of the mark. */
  readonly #shared: RowSet[] = [];

  constructor(batch: Batch) {
    this.#key = batch.key;
    this.#ownMarks = this.marksOf(batch);
  }

  add(row: ManifestRow): void {
    for (const [place, mark] of this.#ownMarks(row).entries()) {
      const known = mark && this.#digests.findOrAdd(mark, row.row);
      if (known !== null) this.#sharedAt(place).add(known);
    }
  }

  /** The row that a row of another batch stands for, if it is still open. */
  find(marks: Marks, open: RowSet): number | null {
    for (const [place, mark] of marks.entries()) {
      const row = mark && this.#digests.find(mark);
      if (row !== null && open.has(row) && !this.#sharedAt(place).has(row)) return row;
    }
    return null;
  }

  marksOf({ shape }: Pick<Batch, 'shape'>): (row: ManifestRow) => Marks {
    const keyOf = this.#key && createKeyReader(shape, this.#key);
    const cellsOf = createCellNormalizer(shape);
    const savedKey = createSavedKey(shape, this.#key ?? []);
    const savedCells = createSavedCells(shape);
    const sourceColumns = new Set(Object.values(shape.roles));
    return (row) => {
      const key = keyOf?.(row) ?? null;
      const cells = cellsOf(row);
      const source = sourceOf(shape, row);
      // Names and cells by turns.
      const others = cells.filter((_, at) => !sourceColumns.has(cells[at - (at % 2)] ?? ''));
      return [
        key && ['key', ...key],
        key && ['saved key', ...savedKey(key)],
        ['cells', ...cells],
        ['saved cells', ...savedCells(cells)],
        source && ['video', identityOf(source)],
        others.length > 0 ? ['others', ...savedForms(others)] : null,
      ];
    };
  }

  #sharedAt(place: number): RowSet {
    this.#shared[place] ??= new RowSet();
    return this.#shared[place];
  }

  [Symbol.dispose](): void {
    this.#digests[Symbol.dispose]();
  }
}
