import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trimInvisible } from '../../../../src/lib/core/manifest/invisible.ts';
import type { ManifestRow, ManifestShape } from '../../../../src/lib/core/manifest/manifest.ts';
import type { Outcome } from '../../../../src/lib/core/row/outcome.ts';
import { createReportFormatter } from '../../../../src/lib/report/create-report-formatter.ts';
import { readManifest } from '../../producer/manifest/manifest-fixture.ts';

const roles = { video_url: 'video_url', video_id: null, task_id: null, video_created_at: null };
const failed: Outcome = {
  status: 'failed',
  finishedAtMs: 0,
  attempts: 1,
  error: { code: 'x', message: '=a "quoted"\nerror; with, everything|\t' },
  warnings: ['警告'],
};

function reportOf(shape: ManifestShape, format: 'csv' | 'jsonl', rows: ManifestRow[]): Buffer {
  const formatter = createReportFormatter(shape, format);
  const lines = rows.map((row) => formatter.line({ row, result: failed, original: null }));
  return Buffer.concat([formatter.header ?? '', ...lines].map((part) => Buffer.from(part)));
}

const delimiter = fc.constantFrom(',', ';', '\t', '|');
// Difficult cells: every special character, any Unicode.
const cell = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(',', ';', '\t', '|', '"', '\n', '\r', ' ', '\ufeff', '视') }),
  fc.constantFrom('', ' ', '=1+1', 'sep=;', '{"a":1}', '"', '\r\n', '\u0000'),
);

// Without a byte order mark, a header such as `,\0,\0` is UTF-16.
const isName = (text: string): boolean =>
  !text.includes('\0') && !/^\s*kling_|video.*url|^\s*(url|video|link)/i.test(text);

// An empty row is not a row.
const isFilled = (cells: string[]): boolean => cells.some((cell) => trimInvisible(cell) !== '');

describe('a report is a manifest', () => {
  it('a report is a manifest with the same cells, whatever they hold', async () => {
    const manifest = fc.tuple(delimiter, fc.integer({ min: 0, max: 3 })).chain(([sign, extra]) =>
      fc.record({
        sign: fc.constant(sign),
        names: fc.array(cell.filter(isName), {
          minLength: extra,
          maxLength: extra,
        }),
        rows: fc.array(
          fc.array(cell, { minLength: extra + 1, maxLength: extra + 1 }).filter(isFilled),
          {
            minLength: 1,
            maxLength: 8,
          },
        ),
      }),
    );
    await fc.assert(
      fc.asyncProperty(manifest, async ({ sign, names, rows }) => {
        const columns = [...names, 'video_url'];
        const shape: ManifestShape = { format: 'csv', delimiter: sign, columns, roles };
        const numbered = rows.map((cells, index) => ({ row: index + 1, line: index + 2, cells }));
        const read = await readManifest(reportOf(shape, 'csv', numbered));
        expect(read.shape).toEqual(shape);
        expect(read.rows.map(({ cells, defect }) => ({ cells, defect }))).toEqual(
          rows.map((cells) => ({ cells, defect: undefined })),
        );
      }),
      { numRuns: 200 },
    );
  });

  // Without a byte order mark a few bytes can be text in a legacy encoding as well.
  it('a report is a manifest with the same bytes, whatever they are, after a byte order mark', async () => {
    const value = fc.uint8Array({ maxLength: 12 });
    const bytes = fc.tuple(
      value.map((rest) => Uint8Array.of(0x75, ...rest)),
      value,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(bytes, { minLength: 1, maxLength: 5 }), async (records) => {
        const columns = ['video_url', 'name'];
        const shape: ManifestShape = {
          format: 'csv',
          delimiter: ',',
          columns,
          roles,
          hasMark: true,
        };
        const rows = records.map((record, index) => ({
          row: index + 1,
          line: index + 2,
          ...toCells(record),
        }));
        const marked = Buffer.concat([Buffer.from('\ufeff'), reportOf(shape, 'csv', rows)]);
        const read = await readManifest(marked);
        expect(read.rows.map(({ cells, isBinary }) => toBytes(cells, isBinary))).toEqual(
          records.map((record) => record.map((value) => Buffer.from(value))),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('a report is a manifest with the same JSON text, digits and all', async () => {
    const value = fc.oneof(
      fc.jsonValue().map((json) => JSON.stringify(json)),
      fc.bigInt().map(String),
      fc.constantFrom('1.50', '1e400', '-0.0', '"\\u00e9\\ud800"'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 5 }), async (values) => {
        const texts = values.map((json) => `{"video_url":"u", "x" : ${json} ,"1":{}}`);
        const shape: ManifestShape = {
          format: 'jsonl',
          delimiter: null,
          columns: ['video_url', 'x'],
          roles,
        };
        const rows = texts.map((text, index) => ({
          row: index + 1,
          line: index + 1,
          cells: [text],
        }));
        const read = await readManifest(reportOf(shape, 'jsonl', rows));
        expect(read.rows.map(({ cells }) => cells)).toEqual(texts.map((text) => [text]));
      }),
      { numRuns: 100 },
    );
  });
});

function toCells(record: Uint8Array[]): Pick<ManifestRow, 'cells' | 'isBinary'> {
  const bytes = record.map((value) => Buffer.from(value));
  return bytes.every((value) => isUtf8(value))
    ? { cells: bytes.map((value) => value.toString('utf8')) }
    : { cells: bytes.map((value) => value.toString('latin1')), isBinary: true };
}

function toBytes(cells: string[], isBinary = false): Buffer[] {
  return cells.map((text) => Buffer.from(text, isBinary ? 'latin1' : 'utf8'));
}
