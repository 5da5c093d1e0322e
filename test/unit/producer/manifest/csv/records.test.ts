import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCsvRecords } from '../../../../../src/producer/manifest/csv/records.ts';

/** The result of an independent parser, given that both accept the text. */
function reference(text: string, delimiter: string): string[][] {
  return parse(text, {
    delimiter,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
  }) as unknown as string[][];
}

const cell = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', ' ', ',', ';', '"', '\n', '\r\n', 'é', '視') }),
  fc.constantFrom('', '0', 'https://x/1.mp4'),
);

describe('parseCsvRecords', () => {
  it('parseCsvRecords reads any well-formed CSV as an independent parser does', () => {
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    const plain = (text: string): boolean => !/[",;\r\n]/.test(text);
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.tuple(cell, fc.boolean()), { minLength: 1, maxLength: 5 })),
        fc.constantFrom(',', ';'),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        (rows, delimiter, lineEnd, endsWithLine) => {
          const lines = rows.map((row) =>
            row
              .map(([text, isBare]) => (isBare && plain(text) ? text : quoted(text)))
              .join(delimiter),
          );
          const text = lines.join(lineEnd) + (endsWithLine ? lineEnd : '');
          const { records, usedBytes, trouble } = parseCsvRecords(Buffer.from(text), {
            delimiter,
            eol: '\n',
          });
          expect(records).toEqual(reference(text, delimiter));
          expect({ usedBytes, trouble }).toEqual({
            usedBytes: Buffer.byteLength(text),
            trouble: null,
          });
        },
      ),
    );
  });

  it.each([
    ['an inch mark', 'Box 24" high,b\n', [['Box 24" high', 'b']]],
    ['quotes around a word', 'the "best" of,b\n', [['the "best" of', 'b']]],
    ['a quote at the end', 'a 3.5",b "x"\r\n', [['a 3.5"', 'b "x"']]],
    ['quotes beside a quoted cell', '"a, b",24" x\n', [['a, b', '24" x']]],
  ])(
    'parseCsvRecords takes a quote inside a cell that does not begin with one as it is: %s',
    (_, text, expected) => {
      const { records, trouble } = parseCsvRecords(Buffer.from(text), {
        delimiter: ',',
        eol: '\n',
      });
      expect({ records, trouble }).toEqual({ records: expected, trouble: null });
    },
  );

  it.each([
    ['quote_not_closed', 'a,b\nc,"d\n', 1, 4],
    ['stray_quote', 'é,b\n"c" d,e\nf,g\n', 1, 5],
  ])(
    'parseCsvRecords stops with %s before the record that is none',
    (trouble, text, count, usedBytes) => {
      const found = parseCsvRecords(Buffer.from(text), { delimiter: ',', eol: '\n' });
      expect(found).toMatchObject({ trouble, usedBytes });
      expect(found.records).toHaveLength(count);
    },
  );
});
