import { describe, expect, vi } from 'vitest';
import { mendReport } from '../../../src/cli/show/mend-report.ts';
import { describeMending, readMending } from '../../../src/cli/show/mending.ts';
import type { Batch } from '../../../src/lib/core/batch/batch.ts';
import type { RowStatus } from '../../../src/lib/report/read-entries.ts';
import { type Producer, test } from '../producer/producer-test.ts';

/** A batch with a row for each letter: a capital has a session, any other is invalid. The capital is its key. */
async function importRows(producer: Producer, id: string, skus: string): Promise<Batch> {
  const rows = Array.from(skus, (sku) =>
    sku === sku.toLowerCase()
      ? `${sku.toUpperCase()},C:\\${sku}.mp4`
      : `${sku},https://${id}.example/${sku}.mp4`,
  );
  await producer.importNew(['sku,video_url', ...rows].join('\n'), {
    batchId: id,
    key: ['sku'],
    ...(id !== 'broken' && { mends: 'broken' }),
  });
  for (const [at, sku] of [...skus].entries()) {
    const session = { id: `${id}-${sku}`, expiresAtMs: 1 };
    if (sku !== sku.toLowerCase()) await producer.end(id, at + 1, { session });
  }
  const batch = await producer.store.readBatch(id);
  if (batch === null) throw new Error(`no batch ${id}`);
  return batch;
}

describe('what is still open is said by number', () => {
  const advice = 'of the mending batches could not be matched to a row by key, cells or video.';
  test.for([
    ['A', 'X', ['No row ended without a session.']],
    ['a', 'b', ['The row that ended without a session is still open.', 'Open: row 1.']],
    ['ab', 'c', ['All 2 rows that ended without a session are still open.', 'Open: rows 1-2.']],
    ['ab', 'A', ['1 of the 2 rows that ended without a session is still open.', 'Open: row 2.']],
    ['a', 'A', ['The row that ended without a session is no longer open.']],
    ['abc', 'ABCX', ['None of the 3 rows that ended without a session is still open.']],
    [
      'a',
      'XY',
      [
        'By count, the row that ended without a session is no longer open.',
        `But row 1 may be open: 2 sessions ${advice}`,
      ],
    ],
    [
      'abc',
      'X',
      [
        '2 of the 3 rows that ended without a session are still open.',
        `Some of rows 1-3 are open: 1 session ${advice}`,
      ],
    ],
    [
      'ab',
      'AX',
      [
        'By count, none of the 2 rows that ended without a session is still open.',
        `But row 2 may be open: 1 session ${advice}`,
      ],
    ],
  ] as const)('%s mended by %s', async ([broken, mending, sentences], { producer }) => {
    const batch = await importRows(producer, 'broken', broken);
    await importRows(producer, 'mending', mending);
    const lines = describeMending(batch, await readMending(producer, batch));
    expect(lines).toEqual(['', 'Mended by mending.', ...sentences]);
  });
});

describe('a report with the batches that mend it says where the sessions of no row are', () => {
  const sentence =
    'No row of broken has a session of mending. 1 session could not be matched to a row by key, cells or video';
  test.for<[string, RowStatus[] | null, string]>([
    ['with all rows, at the end', null, ', and is at the end.'],
    ['with all sessions, at the end', ['succeeded', 'reused'], ', and is at the end.'],
    ['with some of them', ['succeeded'], '; the succeeded rows among them are at the end.'],
    ['with none, left out', ['failed', 'invalid'], ', and is left out by --status.'],
  ])('%s', async ([, statuses, place], { producer }) => {
    const batch = await importRows(producer, 'broken', 'a');
    await importRows(producer, 'mending', 'X');
    const report = await mendReport(producer, batch, statuses && new Set(statuses));
    expect(report.sentence).toBe(`${sentence}${place}`);
  });
});

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
  const none = mending && { ...mending, open: 0, underWay: 0 };
  expect(describeMending(countedAs(50_001), none).slice(-2)).toEqual([
    'By count, none of the 50,001 rows that ended without a session is still open.',
    '`kling-sessions results broken --with-mends` compares the rows themselves.',
  ]);
});
