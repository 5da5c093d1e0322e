import { expect } from 'vitest';
import type { Batch } from '../../../src/lib/core/batch/batch.ts';
import type { OutcomeStatus } from '../../../src/lib/core/row/row.ts';
import { createReportFormatter } from '../../../src/lib/report/create-report-formatter.ts';
import { readEntries } from '../../../src/lib/report/read-entries.ts';
import { compareWithBatch } from '../../../src/producer/comparing/compare-with-batch.ts';
import type { Comparison } from '../../../src/producer/comparing/comparison.ts';
import { ContinuedTable } from '../../../src/producer/continuing/continued-table.ts';
import { signal } from '../../unit/producer/manifest/manifest-fixture.ts';
import { type Producer, test, withManifest } from './producer-test.ts';

const url = (n: number): string => `https://a.example/${n}.mp4`;
const manifestOf = (...lines: string[]): string => ['video_url,title', ...lines, ''].join('\n');
const BASE = manifestOf(`${url(1)},one`, `${url(2)},two`, `${url(3)},three`, 'nonsense,four');

async function readBatch({ store }: Producer, batchId: string): Promise<Batch> {
  const batch = await store.readBatch(batchId);
  if (batch === null) throw new Error(`no batch ${batchId}`);
  return batch;
}

async function compare(
  producer: Producer,
  batchId: string,
  content: string,
  kinds: ('new' | 'failed')[] = [],
): Promise<Comparison> {
  const { store } = producer;
  const batch = await readBatch(producer, batchId);
  return await withManifest(content, (manifest) =>
    compareWithBatch({ store, signal }, manifest, ContinuedTable.of(producer, batch), { kinds }),
  );
}

const error = (message: string): { code: string; message: string } => ({
  code: 'http_404',
  message,
});

test('the same manifest is unchanged, except for its invalid rows', async ({ producer }) => {
  const id = await producer.importNew(BASE);
  const { counts } = await compare(producer, id, BASE);
  expect(counts).toEqual({ new: 0, failed: 0, unchanged: 3, invalid: 1, repeated: 0, removed: 0 });
});

test('an edited manifest is compared row by row, in whatever order its columns are', async ({
  producer,
}) => {
  const id = await producer.importNew(BASE);
  await producer.end(id, 1, { status: 'succeeded' });
  await producer.end(id, 2, { status: 'failed', error: error('not found') });
  await producer.end(id, 3, { status: 'succeeded' });
  const { counts, examples } = await compare(
    producer,
    id,
    [
      'title;video_url',
      `one;${url(1)}`,
      `two;${url(2)}`,
      `THREE;${url(3)}`,
      `one;${url(1)}`,
      `five;${url(5)}`,
      `five;${url(5)}`,
      'six;rubbish',
    ].join('\n'),
  );
  expect(counts).toEqual({ new: 2, failed: 1, unchanged: 1, invalid: 1, repeated: 2, removed: 2 });
  expect(examples.failed).toEqual([
    { row: 2, line: 3, source: url(2), remark: 'failed: not found' },
  ]);
  expect(examples.new.map(({ line, source }) => [line, source])).toEqual([
    [4, url(3)],
    [6, url(5)],
  ]);
  expect(examples.removed.map(({ row, source }) => [row, source])).toEqual([
    [3, url(3)],
    [4, 'nonsense'],
  ]);
  expect(examples.invalid.map(({ line }) => line)).toEqual([8]);
  expect(examples.repeated.map(({ line }) => line)).toEqual([5, 7]);
});

test.for<[OutcomeStatus, number]>([
  ['failed', 1],
  ['rejected', 1],
  ['unconfirmed', 1],
  ['cancelled', 1],
  ['succeeded', 0],
  ['reused', 0],
])('a row that ended as %s counts %i times as failed', async ([status, failed], { producer }) => {
  const id = await producer.importNew(BASE);
  await producer.end(id, 1, { status });
  const { counts } = await compare(producer, id, BASE);
  expect(counts).toMatchObject({ failed, unchanged: 3 - failed });
});

test('a report of a batch is unchanged, also as JSONL', async ({ producer }) => {
  const id = await producer.importNew(BASE.replace('three', '"a ""quoted"",\ncell ☂"'));
  const batch = await readBatch(producer, id);
  for (const format of ['csv', 'jsonl'] as const) {
    const formatter = createReportFormatter(batch.shape, format);
    let report = formatter.header ?? '';
    for await (const entries of readEntries(producer.store, batch)) {
      report += entries.map((entry) => formatter.line(entry)).join('');
    }
    const { counts } = await compare(producer, id, report);
    expect(counts).toMatchObject({ unchanged: 3, invalid: 1, new: 0, removed: 0 });
  }
});

test('at most ten examples are kept, and all rows are counted', async ({ producer }) => {
  const id = await producer.importNew(BASE);
  const many = Array.from({ length: 700 }, (_, n) => `${url(n + 100)},x`);
  const { counts, examples } = await compare(producer, id, manifestOf(...many));
  expect([counts.new, examples.new.length, counts.removed]).toEqual([700, 10, 4]);
});

test('the comparison picks the requested rows', async ({ producer }) => {
  const id = await producer.importNew(BASE);
  await producer.end(id, 2, { status: 'failed' });
  const edited = manifestOf(`${url(2)},two`, `${url(1)},one`, `${url(9)},nine`);
  const rowsOf = async (kinds: ('new' | 'failed')[]): Promise<number[]> => {
    const { picked } = await compare(producer, id, edited, kinds);
    return [1, 2, 3, 4].filter((row) => picked.has(row));
  };
  expect(await rowsOf([])).toEqual([]);
  expect(await rowsOf(['new'])).toEqual([3]);
  expect(await rowsOf(['failed'])).toEqual([1]);
  expect(await rowsOf(['new', 'failed'])).toEqual([1, 3]);
});
