import { expect, it } from 'vitest';
import { draft, ref } from '../../contract/batch-store/examples.ts';
import { DashboardLab } from './dashboard-lab.ts';

it('the API lists a page of batches, from any place, with the number of all', async () => {
  const lab = await DashboardLab.open();
  const { store, steering } = lab.bench;
  for (let number = 1; number <= 120; number += 1) {
    const id = `night-${String(number).padStart(3, '0')}`;
    await store.openBatch(draft({ id, identity: id }), number);
    if (number % 40 === 0) await steering.cancel(ref(id), null, number);
  }
  const look = async (query: string): Promise<{ ids: string[]; text: string }> => {
    const text = await (await lab.look(`/batches${query}`)).text();
    const ids = [...text.matchAll(/href="\/batches\/(night-\d+)"/g)].map(([, id = '']) => id);
    return { ids, text };
  };
  const first = await look('');
  expect([first.ids.length, first.ids[0]]).toEqual([50, 'night-120']);
  expect(first.text).toContain('all 120 that match');
  const follow = async (text: string, rel: 'next' | 'prev') =>
    await look(
      (new RegExp(`/batches([^"]+)" rel="${rel}"`).exec(text)?.[1] ?? '').replaceAll('&amp;', '&'),
    );
  const second = await follow(first.text, 'next');
  await store.openBatch(draft({ id: 'night-121', identity: 'night-121' }), 121);
  await lab.bench.redis.zrem(lab.bench.keys.batches, 'night-071');
  const last = await follow(second.text, 'next');
  expect([second.ids[0], second.ids.at(-1)]).toEqual(['night-070', 'night-021']);
  expect([last.ids.length, last.ids[0], last.ids.at(-1)]).toEqual([20, 'night-020', 'night-001']);
  expect(last.text).not.toContain('rel="next"');
  expect((await follow(last.text, 'prev')).ids).toEqual(second.ids);
  const newest = await follow(second.text, 'prev');
  expect([newest.ids.length, newest.ids[0]]).toEqual([50, 'night-121']);
  expect(newest.text).not.toContain('rel="prev"');
  await lab.bench.redis.zrem(lab.bench.keys.batches, 'night-121');
  const cancelled = await look('?state=cancelled');
  expect(cancelled.ids).toEqual(['night-120', 'night-080', 'night-040']);
  expect(cancelled.text).toContain('all 3 that match');
  expect((await follow((await look('?q=night-0')).text, 'next')).ids[0]).toBe('night-048');
});
