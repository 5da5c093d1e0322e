import { expect, it } from 'vitest';
import { failed, ref, withBatch } from '../../contract/batch-store/examples.ts';
import { HOUR_MS, NOW_MS, opened } from '../store/steering-bench.ts';
import { DashboardLab } from './dashboard-lab.ts';

interface Page {
  results: { position: string; batchId: string; row: number; status: string }[];
  next: string;
  isAtEnd: boolean;
}

const ask = async (lab: DashboardLab, query: string): Promise<Page> =>
  (await (await lab.ask(`/api/v1/results${query}`)).json()) as Page;

it('the API returns rows page by page as they change, and nothing twice', async () => {
  const lab = await DashboardLab.open();
  await withBatch(lab.bench.store, 5);
  for (const row of [4, 2, 5]) await lab.bench.end(row, opened(`session ${row}`));

  const first = await ask(lab, '?limit=2');
  const second = await ask(lab, `?after=${first.next}`);
  await lab.bench.end(1, failed('1301'));
  const third = await ask(lab, `?after=${second.next}`);

  expect(first.results.map(({ row }) => row)).toEqual([4, 2]);
  expect(first.isAtEnd).toBe(false);
  expect(second).toMatchObject({ results: [{ row: 5, batchId: 'batch-1' }], isAtEnd: true });
  expect(third.results).toMatchObject([{ row: 1, status: 'failed', error: { code: '1301' } }]);
});

it('the API says when a session has expired, also of a batch that has ended', async () => {
  const lab = await DashboardLab.open();
  await withBatch(lab.bench.store, 1);
  await lab.bench.end(1, opened('session 1'));
  const first = await ask(lab, '');
  await lab.bench.feed.announceExpired(NOW_MS + 25 * HOUR_MS);

  const second = await ask(lab, `?after=${first.next}`);
  const stream = await lab.ask(`/api/v1/results/stream?batch=batch-1&after=${first.next}`);

  expect(first.results).toMatchObject([{ row: 1, isExpired: false }]);
  expect(second.results).toMatchObject([{ row: 1, isExpired: true, status: 'succeeded' }]);
  expect(await stream.text()).toContain('"isExpired":true');
});

it.each([
  ['?after=nonsense', 400, 'a position looks like 812-44'],
  ['?after=99-0', 409, 'Position 99-0 is beyond the end'],
  ['?batch=none', 404, 'no such batch'],
  ['?limit=501', 400, 'limit'],
])('the API refuses %s with one sentence', async (query, status, message) => {
  const lab = await DashboardLab.open();
  const response = await lab.ask(`/api/v1/results${query}`);
  expect(response.status).toBe(status);
  expect(((await response.json()) as { error: { message: string } }).error.message).toContain(
    message,
  );
});

/** Calls back for each result of an event stream until its event `end`. */
async function follow(response: Response, onRow: (row: number) => void): Promise<void> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const part of response.body ?? []) {
    text += decoder.decode(part, { stream: true });
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      if (event.startsWith('event: end')) return;
      onRow(Number(/"row":(\d+)/.exec(event)?.[1]));
    }
  }
}

it('the API streams rows as they end, until their batch has ended', async () => {
  const lab = await DashboardLab.open();
  await withBatch(lab.bench.store, 3);
  await lab.bench.end(2, opened('session 2'));
  const rows: number[] = [];

  await follow(await lab.ask('/api/v1/results/stream?batch=batch-1'), (row) => {
    rows.push(row);
    if (row === 2) void lab.bench.end(3, opened('session 3'));
    if (row === 3) void lab.bench.end(1, opened('session 1'));
  });

  expect(rows).toEqual([2, 3, 1]);
});

it('the API continues after the last event that a client names', async () => {
  const lab = await DashboardLab.open();
  await withBatch(lab.bench.store, 3);
  for (const row of [3, 1, 2]) await lab.bench.end(row, opened(`session ${row}`));
  const { results } = await ask(lab, '?limit=1');
  const response = await lab.ask('/api/v1/results/stream?batch=batch-1', 'GET', undefined, {
    'last-event-id': results[0]?.position ?? '',
  });

  const rows = [...(await response.text()).matchAll(/"row":(\d+)/g)].map(([, row]) => Number(row));

  expect(rows).toEqual([1, 2]);
});

it('the API offers the report of a batch as a file', async () => {
  const lab = await DashboardLab.open();
  await withBatch(lab.bench.store, 2);
  await lab.bench.end(1, opened('session 1'));
  await lab.bench.steering.cancel(ref('batch-1'), null, NOW_MS);

  const csv = await (await lab.ask('/api/v1/batches/batch-1/report.csv')).text();
  const jsonl = await (await lab.ask('/api/v1/batches/batch-1/report.jsonl')).text();
  const workbook = await lab.ask('/api/v1/batches/batch-1/report.xlsx');

  expect(csv.trim().split('\n')).toHaveLength(3);
  expect(JSON.parse(jsonl.split('\n')[1] ?? '')).toMatchObject({ kling_status: 'cancelled' });
  expect(
    Buffer.from(await workbook.arrayBuffer())
      .subarray(0, 2)
      .toString(),
  ).toBe('PK');
});
