import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ManifestError } from '../../../../../src/producer/manifest/manifest-error.ts';
import { readManifest } from '../manifest-fixture.ts';
import { textRow, workbook, workbookParts } from './workbook-fixture.ts';

/** Rows that are read, or the manifest error instead of them; any other error is a defect of the reader. */
async function outcomeOf(content: Buffer): Promise<number | string> {
  try {
    return (await readManifest(content)).rows.length;
  } catch (error) {
    if (error instanceof ManifestError) return error.code;
    throw error;
  }
}

const ROWS = textRow('video_url', 'note') + textRow('u', 'n').repeat(20);

it('a workbook with any wrong bytes is read or refused', async () => {
  const sound = await workbook(ROWS, { 'xl/styles.xml': '<a/>', 'xl/sharedStrings.xml': '<sst/>' });
  const place = fc.integer({ min: 4, max: sound.length - 1 });
  const change = fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 4 }));
  expect(await outcomeOf(sound)).toBe(20);
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const bytes = Buffer.from(sound);
      for (const [at, wrong] of changes) bytes.set(wrong.slice(0, bytes.length - at), at);
      expect(await outcomeOf(bytes)).toEqual(expect.anything());
    }),
    { numRuns: 300 },
  );
});

it('a workbook with any XML in any part is read or refused', async () => {
  const names = [...Object.keys(workbookParts(ROWS)), 'xl/styles.xml', 'xl/sharedStrings.xml'];
  const tag = fc.constantFrom(
    'row',
    'c',
    'v',
    'is',
    't',
    'si',
    'rPh',
    'f',
    'sheet',
    'xf',
    'cellXfs',
  );
  const attribute = fc.constantFrom(
    'r="ZZZZ9"',
    'r="-1"',
    's="x"',
    't="s"',
    'r:id="rId1"',
    'numFmtId=""',
  );
  const piece = fc.oneof(
    fc.tuple(tag, attribute).map(([name, given]) => `<${name} ${given}>`),
    tag.map((name) => `</${name}>`),
    fc.string(),
  );
  const xml = fc
    .array(piece, { maxLength: 12 })
    .map((pieces) => `<worksheet>${pieces.join('')}</worksheet>`);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), xml, async (name, content) => {
      const bytes = await workbook(ROWS, { [name]: content });
      expect(await outcomeOf(bytes)).toEqual(expect.anything());
    }),
    { numRuns: 300 },
  );
});
