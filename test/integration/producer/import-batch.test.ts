import { expect } from 'vitest';
import type { ManifestRow } from '../../../src/lib/core/manifest/manifest.ts';
import type { ImportResult } from '../../../src/producer/import-batch.ts';
import type { ImportOptions } from '../../../src/producer/import-options.ts';
import { RowSet } from '../../../src/producer/row-set.ts';
import { type Producer, test, withManifest } from './producer-test.ts';

const MANY = [
  'video_url',
  ...Array.from({ length: 1_200 }, (_, n) => `https://a.example/${n + 1}.mp4`),
].join('\n');

function select(...rows: number[]): Pick<ImportOptions, 'selection'> {
  const set = new RowSet();
  for (const row of rows) set.add(row);
  return { selection: { comparedWith: 'base', kinds: ['new'], rows: set } };
}

async function readRows({ store }: Producer, batchId: string): Promise<ManifestRow[]> {
  const batch = await store.readBatch(batchId);
  const chunks = await Promise.all(
    Array.from({ length: Math.ceil((batch?.rows ?? 0) / 500) }, (_, chunk) =>
      store.readChunk(batchId, chunk),
    ),
  );
  return chunks.flatMap((chunk) => chunk ?? []);
}

const idOf = (result: ImportResult): string =>
  result.kind === 'imported' ? result.batch.id : result.batchId;

test('picked rows are numbered from 1 and keep their lines and order', async ({ producer }) => {
  const id = await producer.importNew(MANY, select(3, 700, 1_199));
  const rows = await readRows(producer, id);
  expect(rows.map(({ row, line, cells }) => [row, line, cells[0]])).toEqual([
    [1, 4, 'https://a.example/3.mp4'],
    [2, 701, 'https://a.example/700.mp4'],
    [3, 1_200, 'https://a.example/1199.mp4'],
  ]);
});

test('picked rows fill chunks of 500', async ({ producer }) => {
  const odd = Array.from({ length: 600 }, (_, n) => 2 * n + 1);
  const id = await producer.importNew(MANY, select(...odd));
  expect((await producer.store.readChunk(id, 0))?.length).toBe(500);
  expect((await producer.store.readChunk(id, 1))?.map(({ row }) => row).at(-1)).toBe(600);
});

test('a part of a manifest is not the batch of the whole, and the same part is the same batch', async ({
  producer,
}) => {
  const all = await producer.importNew(MANY);
  const part = await producer.importNew(MANY, select(1, 2));
  const again = await producer.import(MANY, select(1, 2));
  expect(part).not.toBe(all);
  expect(again).toMatchObject({ kind: 'imported', wasFound: true, batch: { id: part } });
});

test('once imported, a part stays the same, whatever the comparison would pick now', async ({
  producer,
}) => {
  const part = await producer.importNew(MANY, select(1, 2));
  const later = await producer.import(MANY, select(2, 3));
  expect(later).toMatchObject({ wasFound: true, batch: { id: part, rows: 2 } });
});

test('an interrupted import continues with the same rows and refuses others', async ({
  producer,
}) => {
  const many = select(...Array.from({ length: 1_100 }, (_, n) => n + 1));
  await withManifest(MANY, async (manifest) => {
    const broken = {
      ...manifest,
      rows: async function* () {
        let seen = 0;
        for await (const rows of manifest.rows()) {
          seen += rows.length;
          if (seen > 900) throw new Error('cut off');
          yield rows;
        }
      },
    };
    await expect(producer.importManifest(broken, many)).rejects.toThrow('cut off');
  });
  const other = await producer.import(MANY, select(1, 2));
  expect(other.kind).toBe('selection_changed');
  const resumed = await producer.import(MANY, many);
  expect(resumed).toMatchObject({ kind: 'imported', wasFound: true, batch: { rows: 1_100 } });
  expect(idOf(resumed)).toBe(idOf(other));
});

test('a batch names the one that it mends, which lists it', async ({ producer }) => {
  const broken = await producer.importNew(MANY);
  const first = await producer.importNew(MANY, { mends: broken });
  const second = await producer.importNew(MANY, { mends: broken, batchId: 'second' });
  await producer.import(MANY, { mends: broken });
  expect(await producer.store.readBatch(first)).toMatchObject({ mends: broken });
  expect((await producer.overview.listMending(broken)).toSorted()).toEqual(
    [first, second].toSorted(),
  );
  expect(await producer.overview.listMending(first)).toEqual([]);
});
