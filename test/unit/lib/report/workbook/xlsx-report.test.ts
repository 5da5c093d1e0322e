import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { readXlsx, streamXlsxRows } from 'hucre/xlsx';
import { describe, expect, it } from 'vitest';
import { trimInvisible } from '../../../../../src/lib/core/manifest/invisible.ts';
import type { ManifestShape } from '../../../../../src/lib/core/manifest/manifest.ts';
import type { Outcome } from '../../../../../src/lib/core/row/outcome.ts';
import { OUTCOME_STATUSES } from '../../../../../src/lib/core/row/row.ts';
import { createReportFormatter } from '../../../../../src/lib/report/create-report-formatter.ts';
import { KLING_COLUMNS } from '../../../../../src/lib/report/kling-values.ts';
import type { ReportEntry, ReportOptions } from '../../../../../src/lib/report/report-formatter.ts';
import { readManifest } from '../../../producer/manifest/manifest-fixture.ts';

const roles = { video_url: 'video_url', video_id: null, task_id: null, video_created_at: null };
const shape: ManifestShape = {
  format: 'csv',
  delimiter: ';',
  columns: ['video_url', 'note'],
  roles,
};
const SESSION_ID = '849123456789012345';
const succeeded: Outcome = {
  status: 'succeeded',
  finishedAtMs: Date.parse('2026-05-31T10:00:00Z'),
  attempts: 2,
  warnings: [],
  session: { id: SESSION_ID, expiresAtMs: Date.parse('2026-06-01T10:00:00Z') },
  video: { durationS: 5.005, width: 1280, height: 720, fps: 29.97 },
};

function entry(cells: string[], result: ReportEntry['result'] = succeeded, row = 1): ReportEntry {
  return { row: { row, line: row + 1, cells }, result, original: null };
}

async function workbookOf(
  entries: ReportEntry[],
  of: ManifestShape = shape,
  options: ReportOptions = {},
): Promise<Buffer> {
  const formatter = createReportFormatter(of, 'xlsx', options);
  if (!('encode' in formatter)) throw new Error('a workbook is not made of lines');
  return await buffer(formatter.encode(inBatches(entries)));
}

async function* inBatches(entries: ReportEntry[]): AsyncGenerator<ReportEntry[]> {
  for (let at = 0; at < entries.length; at += 500) yield entries.slice(at, at + 500);
}

/** The rows that another program reads, one row of cells per line. */
async function rowsOf(workbook: Buffer): Promise<unknown[][]> {
  const rows: unknown[][] = [];
  for await (const { values } of streamXlsxRows(workbook)) rows.push(values);
  return rows;
}

describe('workbook report', () => {
  it('a workbook report reads in another program as it was meant', async () => {
    const [header, row] = await rowsOf(await workbookOf([entry(['https://x/1.mp4', '007'])]));
    expect(header).toEqual(['video_url', 'note', ...KLING_COLUMNS]);
    const cells = Object.fromEntries(KLING_COLUMNS.map((name, index) => [name, row?.[index + 2]]));
    expect(row?.slice(0, 2)).toEqual(['https://x/1.mp4', '007']);
    expect(cells).toMatchObject({
      kling_row: 1,
      kling_status: 'succeeded',
      kling_session_id: SESSION_ID,
      kling_expires_at: '2026-06-01T10:00:00.000Z',
      kling_fps: 29.97,
    });
  });

  it('a workbook report has a frozen header and filters', async () => {
    const { sheets } = await readXlsx(await workbookOf([entry(['u', ''])]));
    expect(sheets[0]).toMatchObject({
      name: 'results',
      freezePane: { rows: 1 },
      autoFilter: { range: 'A1:V2' },
    });
  });

  it('a workbook report colours each status', async () => {
    const outcomes = OUTCOME_STATUSES.map((status) => ({ ...succeeded, status }));
    const rows = [...outcomes, 'waiting' as const].map((result, index) =>
      entry(['u', ''], result, index + 1),
    );
    const { sheets } = await readXlsx(await workbookOf(rows), { readStyles: true });
    const fillOf = (sheetRow: number): string => {
      const fill = sheets[0]?.cells?.get(`${sheetRow},3`)?.style?.fill;
      return fill?.type === 'pattern' ? (fill.fgColor?.rgb ?? '') : '';
    };
    expect(
      Object.fromEntries(
        rows.map(({ result }, index) => [
          typeof result === 'string' ? result : result.status,
          fillOf(index + 1),
        ]),
      ),
    ).toEqual({
      succeeded: 'C6EFCE',
      reused: 'C6EFCE',
      duplicate: 'EDEDED',
      invalid: 'FFC7CE',
      rejected: 'FFC7CE',
      failed: 'FFC7CE',
      unconfirmed: 'FFC7CE',
      cancelled: 'EDEDED',
      waiting: 'FFEB9C',
    });
  });

  it('a workbook report holds text for a typed formula', async () => {
    const { sheets } = await readXlsx(await workbookOf([entry(['=1+1', '@SUM(A1)'])]));
    expect(sheets[0]?.rows[1]?.slice(0, 2)).toEqual(['=1+1', '@SUM(A1)']);
    expect(sheets[0]?.cells?.get('1,0')?.formula).toBeUndefined();
  });

  it.each(['', 'x'])(
    'a workbook report cuts a text that a cell cannot hold, and says so (%j)',
    async (first) => {
      const [, row] = await rowsOf(await workbookOf([entry(['u', first + '👩'.repeat(20_000)])]));
      const text = String(row?.[1]);
      expect(text).toMatch(/👩… \(cut here; of 4000\d characters a cell can hold 32767; the CSV/u);
      expect(text).not.toMatch(/\p{Surrogate}/u);
      expect(32_767 - text.length).toBeOneOf([0, 1]);
    },
  );

  it('a workbook report keeps its columns aligned if a row is longer than the header', async () => {
    const [header, row] = await rowsOf(
      await workbookOf([entry(['u', 'n', 'stray'])], shape, { maxCells: 3 }),
    );
    expect(header?.[3]).toBe('kling_row');
    expect(row?.slice(2, 4)).toEqual(['stray', 1]);
  });

  it('a workbook report streams many rows', async () => {
    const many = Array.from({ length: 20_000 }, (_, index) =>
      entry([`u${index}`, ''], 'waiting', index + 1),
    );
    const rows = await rowsOf(await workbookOf(many));
    expect(rows.at(-1)?.slice(0, 4)).toEqual(['u19999', null, 20_000, 'waiting']);
  });

  it('a workbook report ends with the error that its rows end with', async () => {
    const failure = new Error('chunk 1 is missing');
    const formatter = createReportFormatter(shape, 'xlsx');
    async function* broken(): AsyncGenerator<ReportEntry[]> {
      yield [entry(['u', ''])];
      throw failure;
    }
    const written = 'encode' in formatter ? buffer(formatter.encode(broken())) : null;
    await expect(written).rejects.toBe(failure);
  });

  it.each([
    ['rows', { rows: 1_048_576 }, /holds 1048575 rows and this report has more; use --format csv/],
    [
      'columns',
      { maxCells: 16_384 },
      /holds 16384 columns and this report has 16404; use --format csv/,
    ],
  ])('a workbook report refuses more %s than a sheet holds', (_, options, message) => {
    expect(() => createReportFormatter(shape, 'xlsx', options)).toThrow(message);
  });

  it('a workbook report refuses more rows than a sheet holds once they prove to be more', async () => {
    const many = Array<ReportEntry>(1_048_576).fill(entry(['u', '']));
    const formatter = createReportFormatter(shape, 'xlsx');
    async function* atOnce(): AsyncGenerator<ReportEntry[]> {
      yield many;
    }
    const written = 'encode' in formatter ? buffer(formatter.encode(atOnce())) : null;
    await expect(written).rejects.toMatchObject({ code: 'too_many_rows' });
  });
});

describe('a workbook report is a manifest', () => {
  const cell = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom('_', 'x', '0', '4', '1', '<', '&', ']', '>', '\r', '\n', ' '),
    }),
    fc.constantFrom(
      '_x0041_',
      '_x005F_',
      ' ',
      '=1+1',
      '\u0000',
      '\ufffe',
      '\ud800',
      ']]>',
      '&amp;',
    ),
  );

  it('a workbook report is a manifest with the same cells, whatever they hold', async () => {
    const filled = cell.filter((text) => trimInvisible(text) !== '');
    const rows = fc.array(fc.tuple(filled, cell), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(rows, cell, async (records, name) => {
        fc.pre(!/^\s*kling_|video.*url|^\s*(url|video|link)|:\/\//i.test(name));
        const of = { ...shape, columns: ['video_url', name] };
        const entries = records.map((cells, index) => entry(cells, succeeded, index + 1));
        const read = await readManifest(await workbookOf(entries, of), { fileName: 'a.xlsx' });
        // A cell's lines end with LF: Excel shows any other line end as an escape.
        const kept = (text: string): string => text.replace(/\r\n?/g, '\n');
        expect(read.shape).toEqual({ ...of, columns: of.columns.map(kept), delimiter: ',' });
        expect(read.rows.map(({ cells, defect }) => ({ cells, defect }))).toEqual(
          records.map((cells) => ({ cells: cells.map(kept), defect: undefined })),
        );
      }),
      { numRuns: 200 },
    );
  });
});
