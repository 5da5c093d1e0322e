import { expect } from 'vitest';
import type { Batch } from '../../../src/lib/core/batch/batch.ts';
import { findOpenRows } from '../../../src/producer/mending/find-open-rows.ts';
import { type Producer, test } from './producer-test.ts';

const BROKEN = { status: 'failed', error: { code: 'x', message: 'x' } } as const;

async function batchOf({ store }: Producer, id: string): Promise<Batch> {
  const batch = await store.readBatch(id);
  if (batch === null) throw new Error(`no batch ${id}`);
  return batch;
}

/** A batch of six rows without a session, and one that has one. */
async function brokenBatch(producer: Producer, options: { key?: string[] } = {}): Promise<Batch> {
  const id = await producer.importNew(
    [
      'sku,title,video_url',
      'A,one,https://a.example/1.mp4',
      'B,two,https://a.example/2.mp4',
      'C,three,https://a.example/3.mp4',
      'D,same,https://a.example/4.mp4',
      'D,same,https://a.example/5.mp4',
      'E,five,ftp://a.example/6.mp4',
      'F,six,https://a.example/7.mp4',
    ].join('\n'),
    { batchId: 'broken', ...options },
  );
  for (const row of [1, 2, 3, 4, 5]) await producer.end(id, row, BROKEN);
  await producer.end(id, 7, { session: { id: 's7', expiresAtMs: 1 } });
  return await batchOf(producer, id);
}

async function mend(producer: Producer, id: string, ...lines: string[]): Promise<Batch> {
  await producer.importNew(['title,sku,video_url', ...lines].join('\n'), {
    batchId: id,
    mends: 'broken',
  });
  for (const row of lines.keys()) {
    await producer.end(id, row + 1, { session: { id: `${id} ${row}`, expiresAtMs: 1 } });
  }
  return await batchOf(producer, id);
}

async function left(producer: Producer, batch: Batch, ...mending: Batch[]) {
  const { store, rowIndex } = producer;
  const { open, unmatched } = await findOpenRows(
    { store, rowIndex, now: Date.now },
    batch,
    mending,
  );
  return { open: [...open], unmatched };
}

test('a mended row stands for the row with its cells, its video, or all cells but the video', async ({
  producer,
}) => {
  const batch = await brokenBatch(producer);
  expect(await left(producer, batch)).toEqual({ open: [1, 2, 3, 4, 5, 6], unmatched: 0 });
  const first = await mend(
    producer,
    'first',
    'one,A,https://a.example/1.mp4?X-Amz-Date=20260531T120000Z&X-Amz-Expires=60&X-Amz-Signature=2',
    'another title,Z,https://a.example/2.mp4',
    'five,E,https://a.example/6.mp4',
  );
  expect(await left(producer, batch, first)).toEqual({ open: [3, 4, 5], unmatched: 0 });
  const second = await mend(producer, 'second', 'same,D,https://a.example/5.mp4');
  expect(await left(producer, batch, first, second)).toEqual({ open: [3, 4], unmatched: 0 });
});

test('a mended row that several rows are like, or none, stands for none', async ({ producer }) => {
  const batch = await brokenBatch(producer);
  const mending = await mend(
    producer,
    'first',
    'same,D,https://a.example/8.mp4',
    'new,N,https://a.example/9.mp4',
    'six,F,https://a.example/7.mp4',
  );
  expect(await left(producer, batch, mending)).toEqual({ open: [1, 2, 3, 4, 5, 6], unmatched: 3 });
});

test('a mended row stands for the row with its key, and one without a session for none', async ({
  producer,
}) => {
  const batch = await brokenBatch(producer, { key: ['SKU'] });
  const mending = await mend(producer, 'first', 'all,C,https://a.example/1.mp4');
  await producer.importNew('sku,video_url\nA,https://a.example/1.mp4', {
    batchId: 'second',
    mends: 'broken',
  });
  const second = await batchOf(producer, 'second');
  expect(await left(producer, batch, mending, second)).toEqual({
    open: [1, 2, 4, 5, 6],
    unmatched: 0,
  });
});

test('rows that were cancelled before they began are open', async ({ producer }) => {
  const batch = await brokenBatch(producer);
  await producer.importNew('video_url\nhttps://b.example/1.mp4\nhttps://b.example/2.mp4', {
    batchId: 'cancelled',
  });
  await producer.steering.cancel(await batchOf(producer, 'cancelled'), 'no more', 1);
  const cancelled = await batchOf(producer, 'cancelled');
  expect(await left(producer, cancelled, batch)).toEqual({ open: [1, 2], unmatched: 1 });
});
