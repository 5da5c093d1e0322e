import { expect } from 'vitest';
import type { Batch } from '../../../src/lib/core/batch/batch.ts';
import { toKlingValues } from '../../../src/lib/report/kling-values.ts';
import type { RowStatus } from '../../../src/lib/report/read-entries.ts';
import { userCells, userJson } from '../../../src/lib/report/user-cells.ts';
import { readMendedReport } from '../../../src/producer/mending/mended-report.ts';
import { MendedRows } from '../../../src/producer/mending/mended-rows.ts';
import { type Producer, test } from './producer-test.ts';

async function batchOf({ store }: Producer, id: string): Promise<Batch> {
  const batch = await store.readBatch(id);
  if (batch === null) throw new Error(`no batch ${id}`);
  return batch;
}

/** Imports rows and ends each with a session, or as failed where the list has null. */
async function importEnded(
  producer: Producer,
  id: string,
  lines: readonly string[],
  sessions: readonly (string | null)[],
): Promise<Batch> {
  const mends = id === 'broken' ? {} : { mends: 'broken' };
  await producer.importNew(lines.join('\n'), { batchId: id, ...mends });
  for (const [at, session] of sessions.entries()) {
    const failed = { status: 'failed', error: { code: 'x', message: 'x' } } as const;
    const ended = session === null ? failed : { session: { id: session, expiresAtMs: 1 } };
    await producer.end(id, at + 1, ended);
  }
  return await batchOf(producer, id);
}

/** Lines as cells, and what the report says of them. */
async function reportOf(
  producer: Producer,
  batch: Batch,
  mending: Batch[],
  statuses: ReadonlySet<RowStatus> | null = null,
): Promise<unknown[]> {
  const { store, rowIndex } = producer;
  const mended = await MendedRows.find({ store, rowIndex, now: Date.now }, batch, mending);
  const lines: unknown[] = [];
  for await (const some of readMendedReport({ store, rowIndex }, batch, mended, statuses)) {
    for (const line of some) {
      const values = toKlingValues(line, batch.shape);
      const cells = userJson(batch.shape, line.row) ?? userCells(batch.shape, line.row).join(',');
      lines.push([cells, values.kling_status, values.kling_session_id, placeOf(values)]);
    }
  }
  return lines;
}

const placeOf = ({ kling_batch, kling_row }: ReturnType<typeof toKlingValues>): string =>
  `${kling_batch} ${kling_row}`;

test('the report has corrected rows in the place of those they stand for, and the others at the end', async ({
  producer,
}) => {
  const lines = [
    'title,sku,video_url',
    'one,A,https://a.example/1.mp4',
    'three,C,https://a.example/3.mp4',
  ];
  const broken = await importEnded(
    producer,
    'broken',
    [
      'sku,video_url,title',
      'A,https://a.example/0.mp4,one',
      'B,https://a.example/2.mp4,two',
      'D,https://a.example/4.mp4,four',
    ],
    [null, 's2', null],
  );
  const mending = await importEnded(producer, 'mending', lines, ['s1', 's3']);

  expect(await reportOf(producer, broken, [mending])).toEqual([
    ['A,https://a.example/1.mp4,one', 'succeeded', 's1', 'broken 1'],
    ['B,https://a.example/2.mp4,two', 'succeeded', 's2', 'broken 2'],
    ['D,https://a.example/4.mp4,four', 'failed', null, 'broken 3'],
    ['C,https://a.example/3.mp4,three', 'succeeded', 's3', 'mending 2'],
  ]);
  expect(await reportOf(producer, broken, [mending], new Set(['failed']))).toEqual([
    ['D,https://a.example/4.mp4,four', 'failed', null, 'broken 3'],
  ]);
});
