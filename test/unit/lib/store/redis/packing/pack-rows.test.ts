import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ManifestRow } from '../../../../../../src/lib/core/manifest/manifest.ts';
import {
  packRows,
  unpackRows,
  unpackSomeRows,
} from '../../../../../../src/lib/store/redis/packing/pack-rows.ts';
import { putInHex } from '../../../../../../src/lib/store/redis/packing/texts/hex-runs.ts';
import { PackedText } from '../../../../../../src/lib/store/redis/packing/texts/packed-text.ts';

const hex = fc.string({
  unit: fc.constantFrom(...'0123456789abcdef'),
  minLength: 30,
  maxLength: 70,
});
const cell = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'binary-ascii' }),
  hex.map((digits) => `https://x/?sig=${digits}`),
  fc.constantFrom('', '\u00012;', '\u0002', 'a'.repeat(33)),
);

const rowsOf = (records: { cells: string[]; skipped: number; isBad: boolean }[]): ManifestRow[] => {
  let line = 1;
  return records.map(({ cells, skipped, isBad }, index) => {
    line += 1 + skipped;
    const defect = { code: 'ragged_line', column: null, value: null, message: 'm' } as const;
    return { row: 501 + index, line, cells, ...(isBad && { defect, isBinary: true as const }) };
  });
};

describe('packed rows', () => {
  it('packed rows are read as they were when their text is long, and is compressed on another thread', async () => {
    const rows = rowsOf(
      Array.from({ length: 300 }, (_, row) => ({
        cells: [String(row), 'note '.repeat(800 + row)],
        skipped: 0,
        isBad: false,
      })),
    );
    expect(await unpackRows(await packRows(rows))).toEqual(rows);
  });

  it('packed rows are read as they were, whatever they hold', async () => {
    const record = fc.record({
      cells: fc.array(cell, { minLength: 1, maxLength: 4 }),
      skipped: fc.nat({ max: 2 }),
      isBad: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 20 }), async (records) => {
        const rows = rowsOf(records);
        expect(await unpackRows(await packRows(rows))).toEqual(rows);
      }),
    );
  });

  it('packed rows of the previous version are readable', async () => {
    const text = JSON.stringify({
      firstRow: 1,
      rows: [
        [2, ['a', 'b']],
        [3, ['c', 'd']],
      ],
    });
    expect(await unpackRows(deflateRawSync(text))).toEqual([
      { row: 1, line: 2, cells: ['a', 'b'] },
      { row: 2, line: 3, cells: ['c', 'd'] },
    ]);
  });

  it('packed rows are found by their text, in any case', async () => {
    const packed = await packRows([
      { row: 1, line: 2, cells: ['Kitchen', `?sig=${'ab'.repeat(32)}`] },
      { row: 2, line: 3, cells: ['garden', ''] },
      { row: 3, line: 4, cells: ['kitchen', ''] },
    ]);
    const find = async (text: string | null, rows: number[]) =>
      (await unpackSomeRows(packed, { rows: new Set(rows), text })).map(({ row }) => row);
    expect(await find('KITCHEN', [1, 2, 3])).toEqual([1, 3]);
    expect(await find('abab', [1, 2, 3])).toEqual([1]);
    expect(await find(null, [2])).toEqual([2]);
  });

  it('packed rows with signatures take less than 45 bytes each', async () => {
    const rows = Array.from({ length: 500 }, (_, index) => {
      const signature = Array.from({ length: 8 }, (_, part) =>
        (((index + 1) * 2_654_435_761 * (part + 7)) >>> 0).toString(16).padStart(8, '0'),
      ).join('');
      const url = `https://media.example.com/clip-${index}.mp4?expires=1999999999&sig=${signature}`;
      return { row: index + 1, line: index + 2, cells: [url, 'reviewed'] };
    });
    expect((await packRows(rows)).length / rows.length).toBeLessThan(45);
  });
});

it('hexadecimal digits are put back where they were taken out', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(hex, fc.string()), { maxLength: 12 }), (parts) => {
      const json = JSON.stringify([...parts, ...parts]);
      const packed = new PackedText();
      packed.begin();
      packed.json(json);
      const { text, bytes } = packed.end();
      expect(putInHex({ text: text.toString(), bytes })).toBe(json);
    }),
  );
});
