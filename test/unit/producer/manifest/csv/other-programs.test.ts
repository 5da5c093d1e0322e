import { describe, expect, it } from 'vitest';
import { checkRow } from '../../../../../src/lib/core/manifest/check-row.ts';
import { openManifest } from '../../../../../src/producer/manifest/open-manifest.ts';
import {
  cellsOf,
  errorOf,
  outline,
  readManifest,
  signal,
  temporaryFile,
} from '../manifest-fixture.ts';

const A = 'https://c.example/a.mp4';
const B = 'https://c.example/b.mp4';

async function notesOf(content: string): Promise<readonly string[]> {
  await using file = await temporaryFile(content);
  await using manifest = await openManifest(file.path, { signal });
  return manifest.notes;
}

describe('what clients of databases write around rows', () => {
  it.each([
    ['sqlcmd -W', `sku,video_url\r\n---,---------\r\nA,${A}\r\n\r\n(1 rows affected)\r\n`],
    ['sqlcmd in Chinese', `sku,video_url\n---,---------\nA,${A}\n\n(1 行受影响)\n`],
    ['sqlcmd with a tab', `sku\tvideo_url\n---\t---------\nA\t${A}\n`],
  ])(
    'what clients of databases write around rows is left out, and the rule of dashes is reported: %s',
    async (_, text) => {
      const { rows } = await readManifest(text);
      expect(rows).toEqual([{ row: 1, line: 3, cells: ['A', A] }]);
      expect(await notesOf(text)).toEqual(['Line 2 is a rule of dashes, which is left out.']);
    },
  );

  it.each([
    ['psql -A', `sku|video_url\nA|${A}\n(1 row)\n`],
    ['psql -A of one column', `video_url|sku\n${A}\n(1 Zeile)\n`],
    ['SQL*Plus', `sku,video_url\nA,${A}\n\n2 rows selected.\n`],
  ])('what clients of databases write around rows is left out: %s', async (_, text) => {
    expect(await cellsOf(text)).toHaveLength(1);
    expect(await notesOf(text)).toEqual([]);
  });

  it('a line of dashes or names is a row where it may be one', async () => {
    const rows = `-,-\n--,x\n---,---\n(1 row),${A}\n(1) row\n`;
    expect(await cellsOf(`sku,video_url\n${rows}`)).toHaveLength(5);
  });
});

describe('names of rows, as write.table of R 4.2 puts them in front', () => {
  const NOTE = [expect.stringMatching(/^Every row has one cell more .* as R writes/)];
  const IDS = '784912345678901234,784912345678905678';

  it.each([
    ['quoted', `"sku","video_url"\n"1","A","${A}"\n"2","B","${B}"\n`],
    ['of some rows, after tabs', `sku\tvideo_url\n7\tA\t${A}\n9\tB\t${B}\n`],
    ['as words', `sku,video_url\nlamp,A,${A}\nsofa,B,${B}\n`],
  ])(
    'names of rows, as write.table of R writes them, are a column of their own: %s',
    async (_, text) => {
      const { shape, rows } = await readManifest(text);
      expect(shape.columns).toEqual(['', 'sku', 'video_url']);
      expect(rows.map(({ cells }) => cells[2])).toEqual([A, B]);
      expect(await notesOf(text)).toEqual(NOTE);
    },
  );

  it('names of rows are a column of their own beside ids and NA, too', async () => {
    const text = `"video_url","video_id","task_id"\n"1",NA,${IDS}\n"2","${A}",NA,NA\n`;
    const { shape, rows } = await readManifest(text);
    expect(rows.map((row) => checkRow(shape, row).ok)).toEqual([true, true]);
  });

  it.each([
    ['a cell too many in one row', `sku,video_url\n1,A,${A}\nB,${B}\n`],
    ['the same first cell twice', `sku,video_url\n1,A,${A}\n1,B,${B}\n`],
    ['a delimiter at the end of rows', `sku,video_url\nA,${A},\nB,${B},\n`],
    ['a name of a role that is not shifted', `video_url,sku\n${A},A,x\n${B},B,y\n`],
  ])('names of rows, as write.table of R writes them, are not assumed: %s', async (_, text) => {
    const { rows } = await readManifest(text);
    expect(outline(rows)).toContain('row 1 line 2 ragged_line');
  });
});

describe('name of a role outside of a cell', () => {
  it.each([
    ['write.table of R', `"sku" "video_url"\n"1" "A" "${A}"\n`, 1],
    ['write_delim of readr', `sku video_url note\nA ${A} "a, ""b"""\n`, 1],
    ['fixed widths of LibreOffice', `sku   video_url\nA     ${A}\n`, 1],
    [
      'a table of reStructuredText',
      `===  =========\nsku  video_url\n===  =========\nA    ${A}\n`,
      2,
    ],
    ['a line for each cell', `  sku = A\nvideo_url = ${A}\n\n  sku = B, C\n`, 2],
    ['separators of Unicode', `sku\u241fvideo_url\u241eA, B\u241f${A}\u241e`, 1],
  ])(
    'the name of a role outside of a cell is reported with its line: %s',
    async (_, text, line) => {
      const error = await errorOf(readManifest(text));
      expect(error.code).toBe('unsupported_format');
      expect(error.message).toMatch(
        new RegExp(`^Line ${line} of .* has the name video_url, but not as a cell: .*write CSV`),
      );
    },
  );

  it.each([
    ["'", `'sku','video_url'\n'A','${A}'\n`],
    ['`', `sku;\`video_url\`\nA;${A}\n`],
  ])('a header that is quoted with %s is reported with its line', async (quote, text) => {
    const error = await errorOf(readManifest(text));
    expect(error.code).toBe('unsupported_format');
    expect(error.message).toMatch(
      new RegExp(
        `^Line 1 of .* quotes its cells with ${quote}. Have the program quote them with "`,
      ),
    );
  });

  it('the name of a role outside of a cell leaves a header with longer names to the list of its columns', async () => {
    const error = await errorOf(readManifest(`sku,my video_url (new)\nA,${A}\n`));
    expect(error.message).toMatch(/the columns found are "sku", "my video_url \(new\)"/);
  });
});

describe('CSV of other programs', () => {
  it('a CSV of other programs may end its lines with CR and break them in cells with LF, as Excel for the Mac does', async () => {
    const text = `sku,video_url,note\rA,${A},"two\nlines"\rB,${B},\r`;
    expect(await cellsOf(text)).toEqual([
      ['A', A, 'two\nlines'],
      ['B', B, ''],
    ]);
    expect(await cellsOf(`"s\rku",video_url\nA,${A}\n`)).toEqual([['A', A]]);
  });

  it.each([
    [`=HYPERLINK("${A}";"Clip")`, true],
    [`=hyperlink( "${A}" , "a ""b""" )`, true],
    [`=HYPERLINK("${A}")`, true],
    [`=HYPERLINK("${A}","Clip")&" (new)"`, true],
    [`=HYPERLINK("${A}"&C2,"Clip")`, false],
    ['=HYPERLINK(B2,"Clip")', false],
    ['=CONCAT("https://",B2)', false],
  ])('a CSV of other programs may hold formulas: %s', async (formula, isLink) => {
    const cell = `"${formula.replaceAll('"', '""')}"`;
    const { shape, rows } = await readManifest(`sku,video_url\nA,${cell}\n`);
    const [checked] = rows.map((row) => checkRow(shape, row));
    if (isLink) expect(checked).toMatchObject({ ok: true, source: { videoUrl: A } });
    else expect(JSON.stringify(checked)).toContain('is a formula and not its result');
  });

  it('a CSV of other programs may have blank rows that are wider than the header, and end with the mark of DOS', async () => {
    const text = `sku,video_url\nA,${A}\n,,,\n"", ,\u200b\nB,${B}\n\u001a`;
    expect(await cellsOf(text)).toEqual([
      ['A', A],
      ['B', B],
    ]);
  });

  it.each([',', '\t'])(
    'a CSV of other programs has bad rows where quotes follow backslashes, after %j',
    async (by) => {
      const text = ['sku,video_url,note', `A,${A},"24\\" high"`, `B,${B},x`, ''].join('\n');
      const { rows } = await readManifest(text.replaceAll(',', by));
      expect(outline(rows)).toEqual(['row 1 line 2 stray_quote', 'row 2 line 3 ok']);
      expect(rows[0]?.defect?.message).toMatch(/^Line 2 has a quote after a backslash \(\\"\)/);
    },
  );

  it.each(['utf16le', 'utf32le', 'utf32be'])('in %s is read or named', async (encoding) => {
    const text = `\ufeffsku,video_url\nA,${A}\n`;
    const bytes = Buffer.concat(
      Array.from(text, (sign) => {
        const unit = Buffer.from(sign, 'utf16le');
        if (encoding === 'utf16le') return unit;
        const wide = Buffer.concat([unit, Buffer.alloc(2)]);
        return encoding === 'utf32be' ? wide.reverse() : wide;
      }),
    );
    if (encoding === 'utf16le') expect(await cellsOf(bytes)).toHaveLength(1);
    else expect((await errorOf(readManifest(bytes))).message).toMatch(/is text in UTF-32/);
  });
});
