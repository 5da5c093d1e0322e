import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRow } from '../../../../src/lib/core/manifest/check-row.ts';
import { readManifest } from './manifest-fixture.ts';

const trouble = fc.oneof(
  fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r\n', 'a', ' ', '""', '\u0000', '视') }),
  fc.string({ unit: 'binary' }),
);
const bytes = fc.oneof(
  trouble.map((text) => Buffer.from(text)),
  fc.uint8Array().map((array) => Buffer.from(array)),
);

describe('any bytes between two good rows', () => {
  it('any bytes between two good rows leave both rows of a CSV manifest intact', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, async (garbage) => {
        const { rows } = await readManifest(
          Buffer.concat([Buffer.from('url,n\nfirst,1\n'), garbage, Buffer.from('\nlast,2\n')]),
        );
        const line = 4 + garbage.filter((byte) => byte === 0x0a).length;
        expect(rows[0]).toEqual({ row: 1, line: 2, cells: ['first', '1'] });
        expect(rows.at(-1)).toEqual({ row: rows.length, line, cells: ['last', '2'] });
      }),
      { numRuns: 300 },
    );
  });

  it('any bytes between two good rows leave both rows of a JSONL manifest intact', async () => {
    const [first, last] = ['{"url":"first"}', '{"url":"last"}'];
    await fc.assert(
      fc.asyncProperty(bytes, async (garbage) => {
        const { rows, shape } = await readManifest(
          Buffer.concat([Buffer.from(`${first}\n`), garbage, Buffer.from(`\n${last}\n`)]),
        );
        expect([rows[0]?.cells, rows.at(-1)?.cells]).toEqual([[first], [last]]);
        expect(rows.every((row) => checkRow(shape, row).ok === false)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});
