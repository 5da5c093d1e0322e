import { expect } from 'vitest';
import type { Outcome } from '../../../src/lib/core/row/outcome.ts';
import { importEvening as run } from './evening.ts';
import { test } from './producer-test.ts';

const A = 'A,https://a.example/1.mp4,one';
const B = 'B,https://a.example/2.mp4,two';
const C = 'C,https://a.example/3.mp4,three';
const OTHER_B = 'B,https://a.example/other.mp4,two';

const sessionOf = (kept: ReadonlyMap<number, Outcome>, row: number) => kept.get(row)?.session?.id;

test.for([{ key: null }, { key: ['sku'] }])(
  'a row that was removed and comes back keeps its session, with %o',
  async ({ key }, { producer }) => {
    const first = await run(producer, [A, B], { key });
    await run(producer, [A, C], { key, atHours: 1 });
    await run(producer, [C], { key, atHours: 2 });
    const last = await run(producer, [B, C, A], { key, atHours: 3 });
    expect(last.called).toEqual([]);
    expect(sessionOf(last.kept, 1)).toBe('https://a.example/2.mp4@0');
    expect(last.kept.get(1)?.keptFrom).toEqual({ batchId: first.id, row: 2 });
    expect(last.sentence).toContain('3 rows are unchanged and keep their sessions: 0 calls');
  },
);

test.for([{ key: null }, { key: ['sku'] }])(
  'a row whose video is that of three corrections ago keeps its session, with %o',
  async ({ key }, { producer }) => {
    await run(producer, [A, B], { key });
    const wrong = await run(producer, [A, OTHER_B], { key, atHours: 1 });
    expect(wrong.called).toEqual([OTHER_B]);
    await run(producer, [A, OTHER_B, C], { key, atHours: 2 });
    const last = await run(producer, [A, B, C], { key, atHours: 3 });
    expect(last.called).toEqual([]);
    expect(sessionOf(last.kept, 2)).toBe('https://a.example/2.mp4@0');
  },
);

test('a row that comes back after its session has expired is called', async ({ producer }) => {
  await run(producer, [A, B]);
  await run(producer, [A, C], { atHours: 20 });
  expect((await run(producer, [A, B, C], { atHours: 25 })).called).toEqual([A, B]);
});

test('nothing is kept from before a fresh batch, or from rows that another key told apart', async ({
  producer,
}) => {
  await run(producer, [A, B]);
  await run(producer, [A], { isFresh: true, atHours: 1 });
  expect((await run(producer, [A, B], { atHours: 2 })).called).toEqual([B]);
  await run(producer, [A], { atHours: 3 });
  expect((await run(producer, [A, B], { key: ['sku'], atHours: 4 })).called).toEqual([B]);
});

test('one session is kept by one row, also where keys repeat', async ({ producer }) => {
  const key = ['sku'];
  await run(producer, [A, B], { key });
  await run(producer, [A], { key, atHours: 1 });
  const twice = 'B,https://a.example/2.mp4,another title';
  const last = await run(producer, [A, B, twice], { key, atHours: 2 });
  expect(last.called).toEqual([twice]);
  expect(last.sentence).toContain('1 repeated');
});

test.for([{ key: null }, { key: ['video_id'] }])(
  'videos whose ids a spreadsheet would round to one number come back with their sessions, with %o',
  async ({ key }, { producer }) => {
    const lines = ['1', '2', '3'].map(
      (last) => `78491234567890100${last},78491234567890567${last},clip`,
    );
    const evening = { key, columns: 'video_id,task_id,title' };
    await run(producer, lines, evening);
    await run(producer, lines.slice(0, 1), { ...evening, atHours: 1 });
    const last = await run(producer, lines, { ...evening, atHours: 2 });
    expect(last.called).toEqual([]);
    expect([1, 2, 3].map((row) => last.kept.get(row)?.keptFrom?.row)).toEqual([1, 2, 3]);
  },
);

test.for([{ key: null }, { key: ['sku'] }])(
  'rows that a spreadsheet would make equal never share a session that an earlier batch had, with %o',
  async ({ key }, { producer }) => {
    const padded = '01,https://a.example/b.mp4,t';
    const short = '1,https://a.example/b.mp4,t';
    await run(producer, [padded], { key });
    await run(producer, [padded, '1,https://a.example/a.mp4,t'], { key, atHours: 1 });
    const last = await run(producer, [padded, short], { key, atHours: 2 });
    expect(last.called).toEqual([short]);
  },
);

test.for([{ key: null }, { key: ['sku'] }])(
  'a row that is as it was keeps its session, and one that is like it gets no other row’s, with %o',
  async ({ key }, { producer }) => {
    const padded = '01,https://a.example/b.mp4,t';
    const short = '1,https://a.example/b.mp4,t';
    await run(producer, [short], { key });
    await run(producer, [short, C], { key, atHours: 1 });
    const last = await run(producer, [padded, short, C], { key, atHours: 2 });
    expect(last.called).toEqual([padded]);
  },
);
