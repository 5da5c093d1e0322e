import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/lib/core/row/outcome.ts';
import type { RowStatus } from '../../../src/lib/report/read-entries.ts';
import { findRows, type RowQuery } from '../../../src/lib/rows/find-rows.ts';
import { meetsFilter, type RowFilter } from '../../../src/lib/rows/row-filter.ts';
import {
  draft,
  failed,
  manifestRow,
  NOW_MS,
  outcome,
  ref,
  SHAPE,
} from '../../contract/batch-store/examples.ts';
import { opened, SteeringBench } from '../store/steering-bench.ts';

const ROWS = 1_700;
const SECRET = 'X-Amz-Signature=0123abc';

const EVERYTHING: RowFilter = { statuses: null, code: null, text: null };
const withStatuses = (...statuses: RowStatus[]): RowFilter => ({
  ...EVERYTHING,
  statuses: new Set(statuses),
});

const FILTERS: [string, RowFilter][] = [
  ['all rows', EVERYTHING],
  ['one outcome', withStatuses('failed')],
  ['two outcomes', withStatuses('rejected', 'succeeded')],
  ['an outcome that no row has', withStatuses('unconfirmed')],
  ['rows that wait', withStatuses('waiting')],
  ['rows in a stage', withStatuses('probing', 'opening')],
  ['rows in a stage and an outcome', withStatuses('probing', 'rejected')],
  ['cancelled rows', withStatuses('cancelled')],
  ['a code', { ...EVERYTHING, code: 'http_404' }],
  ['a code with another status', { ...withStatuses('rejected'), code: 'http_404' }],
  ['the code of cancelled rows', { ...EVERYTHING, code: 'cancelled' }],
  ['a text in any case of letters', { ...EVERYTHING, text: 'CLIP 123' }],
  ['a text with marks that JSON escapes', { ...EVERYTHING, text: '"Ümlaut" \\' }],
  ['a text among failed rows', { ...withStatuses('failed'), text: '7' }],
  ['a text that is hidden when rows are shown', { ...EVERYTHING, text: '0123abc' }],
];

class Search {
  readonly bench = new SteeringBench();

  /** A batch with rows in every state. */
  static async begin(): Promise<Search> {
    const search = new Search();
    const { store } = search.bench;
    await store.openBatch(draft(), NOW_MS);
    for (const index of [0, 1, 2, 3]) {
      const length = Math.min(500, ROWS - index * 500);
      const rows = Array.from({ length }, (_, offset) => rowOf(index * 500 + offset + 1));
      await store.appendChunk(ref('batch-1'), { index, rows, outcomes: new Map(), sharedUrls: [] });
    }
    await store.finishImport(ref('batch-1'), SHAPE, NOW_MS);
    await store.markDispatched(ref('batch-1'), [{ row: 1, state: 'probing' }], 1, 0);
    await search.bench.begin(900, { state: 'opening' });
    await search.bench.begin(1_650, { state: 'probing' });
    for (let row = 2; row <= ROWS; row += 1) {
      const end = endOf(row);
      if (end !== null) await search.bench.end(row, end);
    }
    return search;
  }

  /** Page by page. */
  async find(query: Partial<RowQuery>): Promise<{ rows: number[]; pages: number }> {
    const { store, rowIndex } = this.bench;
    const rows: number[] = [];
    let pages = 0;
    let fromRow: number | null = 1;
    while (fromRow !== null) {
      const whole: RowQuery = { ...EVERYTHING, limit: 40, budgetMs: 60_000, ...query, fromRow };
      const context = { store, rowIndex, now: Date.now };
      const page = await findRows(context, await this.bench.batch(), whole);
      expect(page.entries.length).toBeLessThanOrEqual(whole.limit);
      rows.push(...page.entries.map(({ row }) => row.row));
      fromRow = page.nextRow;
      pages += 1;
    }
    return { rows, pages };
  }

  /** Reads all rows and checks them one by one. */
  async expected(filter: RowFilter): Promise<number[]> {
    const entries = await this.bench.entries();
    return entries.filter((entry) => meetsFilter(entry, filter)).map(({ row }) => row.row);
  }
}

function rowOf(row: number) {
  const name = row === 77 ? 'an "Ümlaut" \\ here' : `clip ${row}`;
  return manifestRow(row, { cells: [name, `https://videos.example/${row}.mp4?${SECRET}`] });
}

/** Some of each kind in the first chunks, and one in a late chunk. */
function endOf(row: number): Outcome | null {
  if (row === 1_699) return failed('http_404');
  if (row > 800) return null;
  if (row % 7 === 0) return failed(row % 2 === 0 ? 'http_404' : 'http_403');
  if (row % 11 === 0) return outcome({ status: 'rejected' });
  return row % 5 === 0 ? null : opened(`session ${row}`);
}

describe('finds, page by page, what reading every row finds', () => {
  const compare = async (search: Search): Promise<void> => {
    for (const [name, filter] of FILTERS) {
      const { rows } = await search.find(filter);
      expect(rows, name).toEqual(await search.expected(filter));
    }
  };

  it('in a batch that runs, and in the same one without its marks', async () => {
    const search = await Search.begin();
    await compare(search);
    expect(await search.expected(withStatuses('probing', 'opening'))).toEqual([1, 900, 1_650]);
    const { redis, keys } = search.bench;
    await redis.hdel(keys.batch('batch-1'), 'isMarked');
    await redis.unlink(keys.marks('batch-1'));
    await compare(search);
  });

  it('in a batch that was cancelled', async () => {
    const search = await Search.begin();
    await search.bench.steering.cancel(ref('batch-1'), 'wrong file', NOW_MS);
    await compare(search);
  });
});

it('a search continues where the time ran out, and misses no row', async () => {
  const search = await Search.begin();
  const filter = { ...EVERYTHING, text: 'clip 1' };
  const { rows, pages } = await search.find({ ...filter, limit: 200, budgetMs: 0 });
  expect(rows).toEqual(await search.expected(filter));
  expect(pages).toBeGreaterThan(1);
});

it('a search says for a full page where the next one begins, and for the last page that it is the last', async () => {
  const search = await Search.begin();
  const { store, rowIndex } = search.bench;
  const query = { ...withStatuses('failed'), limit: 2, budgetMs: 60_000 };
  const context = { store, rowIndex, now: Date.now };
  const batch = await search.bench.batch();
  const first = await findRows(context, batch, { ...query, fromRow: 1 });
  expect([first.nextRow, first.isCutShort]).toEqual([21, false]);
  const last = await findRows(context, batch, { ...query, fromRow: 799 });
  expect(last.entries.map(({ row }) => row.row)).toEqual([1_699]);
  expect(last.nextRow).toBe(null);
});

it('a search finds nothing by text that is hidden when rows are shown', async () => {
  const search = await Search.begin();
  const { rows } = await search.find({ ...EVERYTHING, text: '0123abc' });
  expect(rows).toEqual([]);
});
