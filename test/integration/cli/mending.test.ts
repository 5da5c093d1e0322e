import { expect, vi } from 'vitest';
import { describeMending, readMending } from '../../../src/cli/show/mending.ts';
import { test } from '../producer/producer-test.ts';

test('open rows are only counted where more would have to be read than a person waits for', async ({
  producer,
}) => {
  await producer.importNew('video_url\nhttps://a.example/1.mp4', { batchId: 'broken' });
  await producer.importNew('video_url\nhttps://a.example/2.mp4', {
    batchId: 'mending',
    mends: 'broken',
  });
  const batch = await producer.store.readBatch('broken');
  if (batch === null) throw new Error('no batch');
  const read = vi.spyOn(producer.rowIndex, 'readMarks');
  const countedAs = (failed: number) => ({ ...batch, counts: { ...batch.counts, failed } });

  expect(await readMending(producer, countedAs(50_000))).toMatchObject({ openRows: { count: 0 } });
  expect(read).toHaveBeenCalled();
  read.mockClear();
  const mending = await readMending(producer, countedAs(50_001));

  expect(mending).toMatchObject({ open: 50_001, openRows: null, unmatched: null });
  expect(read).not.toHaveBeenCalled();
  expect(describeMending(batch, mending).at(-1)).toBe(
    '`kling-sessions results broken --with-mends` shows which.',
  );
});
