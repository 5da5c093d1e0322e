import { expect, vi } from 'vitest';
import { CHUNK_ROWS } from '../../../src/lib/core/batch/chunk.ts';
import type { ImportOptions } from '../../../src/producer/import-options.ts';
import { type Producer, test, withManifest } from './producer-test.ts';

const ROWS = 1_200;
const MANY = [
  'video_url',
  ...Array.from({ length: ROWS }, (_, n) => `https://a.example/${n + 1}.mp4`),
].join('\n');
const LONGEST_STORING_MS = 20_000;
const NIGHTLY: Partial<ImportOptions> = { batchId: 'nightly' };

/** Imports, and calls `act` between two reads of the manifest, with the number of rows read so far. */
async function importAnd(producer: Producer, act: (rowsRead: number) => Promise<unknown>) {
  return await withManifest(MANY, async (manifest) => {
    const rows = manifest.rows.bind(manifest);
    // Between two reads of the manifest, as another process would.
    const interrupted = Object.create(manifest, {
      rows: {
        value: async function* () {
          let rowsRead = 0;
          for await (const some of rows()) {
            yield some;
            rowsRead += some.length;
            await act(rowsRead);
          }
        },
      },
    });
    return await producer.importManifest(interrupted, NIGHTLY);
  });
}

/** Cancels when the first chunk is stored. The import stores none while it waits for more of the manifest. */
const cancelOnce = (producer: Producer) => {
  let isDone = false;
  return async (rowsRead: number): Promise<void> => {
    if (isDone || rowsRead < CHUNK_ROWS) return;
    isDone = true;
    const batch = await vi.waitUntil(
      async () => {
        const stored = await producer.store.readBatch('nightly');
        return stored?.rows === CHUNK_ROWS && stored;
      },
      { timeout: LONGEST_STORING_MS },
    );
    await producer.steering.cancel(batch, 'wrong file', 1);
  };
};

test('an import whose batch is cancelled meanwhile reports that rows are missing', async ({
  producer,
}) => {
  const result = await importAnd(producer, cancelOnce(producer));
  expect(result).toMatchObject({
    kind: 'interrupted',
    batch: { state: 'cancelled', rows: 500, isReadToEnd: false, stateReason: 'wrong file' },
  });
});

test('the same import again stores the rest, and a retry then runs all rows', async ({
  producer,
}) => {
  await importAnd(producer, cancelOnce(producer));
  expect(await producer.retryCancelled('nightly')).toBeNull();
  expect(await producer.import(MANY, NIGHTLY)).toMatchObject({
    kind: 'imported',
    found: 'part',
    batch: { state: 'cancelled', rows: ROWS, isReadToEnd: true, counts: { cancelled: ROWS } },
  });
  expect(await producer.import(MANY, NIGHTLY)).toMatchObject({ found: 'all' });
  expect(await producer.retryCancelled('nightly')).toBe(ROWS);
  expect(await producer.store.readBatch('nightly')).toMatchObject({
    state: 'running',
    counts: { waiting: ROWS, cancelled: 0 },
  });
});

test('an import whose batch is removed meanwhile leaves nothing behind', async ({ producer }) => {
  const cancel = cancelOnce(producer);
  const result = await importAnd(producer, async (rowsRead) => {
    await cancel(rowsRead);
    const batch = await producer.store.readBatch('nightly');
    if (batch?.state === 'cancelled') await producer.steering.remove(batch, 1);
  });
  expect(result).toEqual({ kind: 'interrupted', batchId: 'nightly', batch: null });
  expect(await producer.store.readBatch('nightly')).toBeNull();
  expect(await producer.redis.exists(producer.keys.batch('nightly'))).toBe(0);
});

test('a batch that an older version stored counts as read to its end once it runs', async ({
  producer,
}) => {
  await producer.import(MANY, NIGHTLY);
  await producer.redis.hdel(producer.keys.batch('nightly'), 'readToEnd');
  expect(await producer.store.readBatch('nightly')).toMatchObject({ isReadToEnd: true });
  expect(await producer.import(MANY, NIGHTLY)).toMatchObject({ kind: 'imported', found: 'all' });
});

test('an unfinished import of an older version is finished, even after a cancellation', async ({
  producer,
}) => {
  await expect(
    importAnd(producer, async () => {
      await producer.redis.hdel(producer.keys.batch('nightly'), 'readToEnd');
      const { rows = 0 } = (await producer.store.readBatch('nightly')) ?? {};
      if (rows > 0) throw new Error('its process died');
    }),
  ).rejects.toThrow('died');
  const begun = await producer.store.readBatch('nightly');
  if (begun === null) throw new Error('there is no batch');
  expect(begun).toMatchObject({ isReadToEnd: false });
  await producer.steering.cancel(begun, null, 1);
  expect(await producer.store.readBatch('nightly')).toMatchObject({ isReadToEnd: false });
  expect(await producer.import(MANY, NIGHTLY)).toMatchObject({
    found: 'part',
    batch: { state: 'cancelled', rows: ROWS, isReadToEnd: true },
  });
});
