import { expect, it } from 'vitest';
import { hasEnded, isCompleted, Workshop } from './workshop.ts';

it('finishes twenty rows long before the three thousand that came first', async () => {
  const workshop = await Workshop.open();
  await using _worker = await workshop.startWorker();
  await workshop.import('big', 3_000);
  await workshop.until('big', hasEnded(300));
  await workshop.import('small', 20);
  const before = await workshop.ended('big');
  await workshop.until('small', isCompleted);
  expect((await workshop.ended('big')) - before).toBeLessThan(1_500);
  expect(await workshop.problems('small')).toEqual([]);
});

it('lets three equal batches progress within 10 % of each other', async () => {
  const workshop = await Workshop.open({ concurrency: 8 });
  const rows = 900;
  const ids = ['one', 'two', 'three'];
  for (const id of ids) await workshop.import(id, rows);
  await using _worker = await workshop.startWorker();
  const count = (): Promise<number[]> => Promise.all(ids.map((id) => workshop.ended(id)));
  // Before the queues have filled, whoever looks first gets slots that would stay empty.
  for (const id of ids) await workshop.until(id, hasEnded(100));
  const start = await count();
  for (const moment of [100, 200, 300]) {
    await workshop.until('one', hasEnded((start[0] ?? 0) + moment));
    const ended = (await count()).map((rowsEnded, index) => rowsEnded - (start[index] ?? 0));
    expect(Math.max(...ended) - Math.min(...ended)).toBeLessThanOrEqual(0.1 * rows);
  }
});

it('gives four times the priority about four times the share, and the other one goes on', async () => {
  const workshop = await Workshop.open({ concurrency: 8 });
  await workshop.import('first', 1_200, { priority: 40 });
  await workshop.import('second', 1_200, { priority: 10 });
  await using _worker = await workshop.startWorker();
  await workshop.until('first', hasEnded(200));
  const [first, second] = [await workshop.ended('first'), await workshop.ended('second')];
  await workshop.until('first', hasEnded(800));
  const [firstLater, secondLater] = [await workshop.ended('first'), await workshop.ended('second')];
  const share = (firstLater - first) / (secondLater - second);
  expect(share).toBeGreaterThan(2.7);
  expect(share).toBeLessThan(5.5);
});
