import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { checkRow } from '../../../../../src/lib/core/manifest/check-row.ts';
import { ManifestError } from '../../../../../src/producer/manifest/manifest-error.ts';
import {
  type OpenManifestOptions,
  openManifest,
} from '../../../../../src/producer/manifest/open-manifest.ts';
import { collect, errorOf, readManifest, signal, temporaryFile } from '../manifest-fixture.ts';

/** Files as other programs wrote them; see the table in docs/manifests.md. */
const TABLES = join(import.meta.dirname, '../../../../corpus/tables');
const corpus = (name: string): Buffer => readFileSync(join(TABLES, name));

function write(
  columns: ColumnSource[],
  options: Partial<Parameters<typeof parquetWriteBuffer>[0]> = {},
): Buffer {
  return Buffer.from(parquetWriteBuffer({ columnData: columns, ...options }));
}

const url = (index: number): string => `https://x.example/${index}.mp4`;
const urls = (count: number): ColumnSource => ({
  name: 'video_url',
  data: Array.from({ length: count }, (_, index) => url(index)),
  type: 'STRING',
});

async function open(
  content: Buffer,
  options: Partial<OpenManifestOptions> = {},
): Promise<{ notes: readonly string[]; columns: string[]; cells: string[][] }> {
  await using file = await temporaryFile(content, 'clips.parquet');
  await using manifest = await openManifest(file.path, { signal, ...options });
  const rows = (await collect(manifest.rows())).flat();
  const { notes, shape } = manifest;
  return { notes, columns: shape.columns, cells: rows.map(({ cells }) => cells) };
}

describe('Parquet file of another program', () => {
  it('a Parquet file of another program is read as DuckDB wrote it, and what has no place in a table is named', async () => {
    const { notes, columns, cells } = await open(corpus('duckdb-1.5.parquet'));
    expect(columns.join(' ')).toBe('sku video_url video_id task_id d dec ts day ok id tm tz');
    expect(cells).toEqual([
      [
        ...['LAMP-01', 'https://cdn.example.com/lamp.mp4', '', '', '1.5', '12.30'],
        ...['2026-11-01T10:30:00', '2026-11-01', 'true', '0b2f1a7e-1111-2222-3333-444455556666'],
        ...['10:30:00', '2026-11-01T10:30:00Z'],
      ],
      [
        ...['SOFA-01', '', '784912347344945001', '784912347344945677', '3E+17', '-0.05'],
        ...['2026-11-01T10:30:00.123456', '', 'false', '', '', ''],
      ],
      ['视频 "q", x', 'https://cdn.example.com/a%20b.mp4', ...Array<string>(10).fill('')],
    ]);
    expect(notes).toEqual([
      'The columns "tags" (a list), "meta" (a struct), "iv" (an interval), "mp" (a map), "thumb" (binary) have no place in a table; they are left out, also in the report.',
    ]);
  });

  it('a Parquet file of another program is read as Polars wrote it, in Zstandard, with ids as unsigned integers', async () => {
    const { columns, cells } = await open(corpus('polars-0.26.parquet'));
    expect(columns).toEqual(['sku', 'video_url', 'video_id', 'task_id', 'price', 'ok']);
    expect(cells).toEqual([
      ['A', 'https://cdn.example.com/a.mp4', '', '', '1.5', 'true'],
      ['B', '', '784912347344945001', '784912347344945677', '2', 'false'],
      ['C', 'https://cdn.example.com/c.mp4', '', '', '', ''],
    ]);
  });

  it('a Parquet file of another program is read as arrow-rs wrote it, in the second form of pages, with beginnings shared', async () => {
    const { cells } = await open(corpus('arrow-rs-v2.parquet'));
    expect(cells.map((row) => row[1])).toEqual([
      'https://cdn.example.com/a.mp4',
      '',
      'https://cdn.example.com/c.mp4',
    ]);
    expect(cells[2]?.slice(2)).toEqual([
      ...['784912347344945001', '784912347344945677', '784912347344945001'],
      ...['7.84912347344945E+17', '3', '1970-01-01T00:00:00'],
    ]);
  });
});

describe('ids in a Parquet file', () => {
  const ids = [784912347344945001n, 784912347344945677n];

  it('ids in a Parquet file keep every digit as integers of 64 bits', async () => {
    const { cells } = await open(
      write([
        { name: 'video_id', data: [ids[0]], type: 'INT64' },
        { name: 'task_id', data: [ids[1]], type: 'INT64' },
      ]),
    );
    expect(cells).toEqual([['784912347344945001', '784912347344945677']]);
  });

  it('ids in a Parquet file are refused as mangled when they were floating point, as pandas makes them of a column with gaps', async () => {
    const { shape, rows } = await readManifest(
      write([
        { name: 'video_id', data: [Number(ids[0]), null], type: 'DOUBLE' },
        { name: 'task_id', data: ['784912347344945677', 'x'], type: 'STRING' },
      ]),
      { fileName: 'clips.parquet' },
    );
    expect(rows[0]?.cells[0]).toBe('7.84912347344945E+17');
    const checked = rows.map((row) => checkRow(shape, row));
    expect(checked[0]).toMatchObject({ ok: false, problems: [{ code: 'mangled_id' }] });
  });
});

describe('rows of a Parquet file', () => {
  it('rows of a Parquet file come in order across pages and row groups, numbered from 1', async () => {
    const content = write([urls(2_345), { name: 'n', data: [...Array(2_345).keys()] }], {
      rowGroupSize: 700,
      pageSize: 2_000,
    });
    const { rows } = await readManifest(content, { fileName: 'clips.parquet' });
    expect(rows.map(({ row, line, cells }) => [row, line, ...cells])).toEqual(
      Array.from({ length: 2_345 }, (_, at) => [at + 1, at + 1, url(at), String(at)]),
    );
  });

  it('rows of a Parquet file are bad one by one when a text is not UTF-8', async () => {
    const content = write([urls(3), { name: 'note', data: ['a', '#####', 'c'], type: 'STRING' }], {
      codec: 'UNCOMPRESSED',
      statistics: false,
    });
    content.write('\xff', content.indexOf('#####'), 'latin1');
    const { rows } = await readManifest(content, { fileName: 'clips.parquet' });
    expect(rows.map(({ defect }) => defect?.message)).toEqual([
      undefined,
      'Line 2, column "note" holds bytes that are not UTF-8; write the column as text.',
      undefined,
    ]);
  });

  it('rows of a Parquet file are bad one by one when they are too long', async () => {
    const note = ['a', 'b'.repeat(200_000), 'c'];
    const { rows } = await readManifest(write([urls(3), { name: 'note', data: note }]), {
      fileName: 'clips.parquet',
    });
    expect(rows.map(({ defect }) => defect?.code)).toEqual([
      undefined,
      'record_too_long',
      undefined,
    ]);
  });
});

/** Its page declares 127 MiB: the size follows the kind of page, here in four bytes of seven bits. */
function hugePage(): Buffer {
  const content = write([{ name: 'video_url', data: ['u'.repeat(1_100_000)] }]);
  expect(content.subarray(4, 7)).toEqual(Buffer.from([0x15, 6, 0x15]));
  content.set([0xfe, 0xff, 0xff, 0x7f], 7);
  return content;
}

describe('Parquet file', () => {
  const small = (): Buffer => write([urls(3)]);
  const refused: [
    what: string,
    content: () => Buffer,
    code: string,
    message: RegExp,
    options?: Partial<OpenManifestOptions>,
  ][] = [
    ['that is cut', () => small().subarray(0, -20), 'parquet_broken', /its end is missing/],
    [
      'with a footer longer than itself',
      () => {
        const content = small();
        content.writeUInt32LE(1_000_000, content.length - 8);
        return content;
      },
      'parquet_broken',
      /a part lies outside of it/,
    ],
    [
      'with a footer beyond all bounds',
      () => {
        const content = small();
        content.writeUInt32LE(0xffff_ffff, content.length - 8);
        return content;
      },
      'unsupported_format',
      /larger row groups, or as CSV/,
    ],
    [
      'that is encrypted',
      () => Buffer.concat([small().subarray(0, -4), Buffer.from('PARE')]),
      'unsupported_format',
      /is encrypted; write it without encryption/,
    ],
    [
      'with a page beyond all bounds',
      hugePage,
      'unsupported_format',
      /needs too much memory to read; write it with smaller row groups/,
    ],
    [
      'with more rows than its bytes can hold',
      () => write([{ name: 'video_url', data: Array(1_000_001).fill('u') }]),
      'parquet_broken',
      /declares 1000001 rows, which its bytes cannot hold/,
    ],
    ['without rows', () => write([urls(0)]), 'no_rows', /no rows/],
    [
      'without a column to use',
      () => write([{ name: 'a', data: ['b'] }]),
      'no_usable_column',
      /clips\.parquet has no column .* the columns found are "a"/,
    ],
    [
      'whose videos are in a list',
      () => corpus('duckdb-1.5.parquet'),
      'unknown_column',
      /has no column "tags".* "tags" \(a list\), .* have no place in a table/,
      { mapping: { video_url: 'tags' } },
    ],
    ['within gzip', () => gzipSync(small()), 'unsupported_format', /compressed Parquet file/],
    [
      'as CSV',
      small,
      'unsupported_format',
      /is a Parquet file; leave out --format csv/,
      { format: 'csv' },
    ],
    ['with a sheet', small, 'unknown_sheet', /leave out --sheet/, { sheet: 'One' }],
  ];

  it.each(refused)(
    'a Parquet file that is %s is refused',
    async (_what, content, code, message, options) => {
      const error = await errorOf(open(content(), options));
      expect(error.code).toBe(code);
      expect(error.message).toMatch(message);
    },
  );

  it('a damaged Parquet file is read, or refused with a sentence', async () => {
    const files = ['duckdb-1.5', 'polars-0.26', 'arrow-rs-v2'].map((name) =>
      corpus(`${name}.parquet`),
    );
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 });
    // A column of 12 bytes a value, in an encoding for bytes of any length.
    const otherLengths: [Buffer, [number, number][]] = [
      corpus('arrow-rs-v2.parquet'),
      [
        [2237, 188],
        [1301, 6],
        [1942, 241],
      ],
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), edits, async (file, changes) => {
        const content = Buffer.from(file);
        for (const [at, byte] of changes) content[4 + (at % (content.length - 4))] = byte;
        const outcome = await open(content).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ManifestError);
      }),
      { numRuns: 200, examples: [otherLengths] },
    );
  });
});
