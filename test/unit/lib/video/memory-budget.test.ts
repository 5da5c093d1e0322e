import { expect, test } from 'vitest';
import { MemoryBudget, MemoryNeeded } from '../../../../src/lib/video/memory-budget.ts';

const MB = 1024 * 1024;
const { signal } = new AbortController();

test('a header costs three times its size, a small one nothing, a huge one the whole budget', () => {
  const budget = new MemoryBudget(100 * MB);
  expect([0.2, 10, 90].map((size) => budget.costOf(size * MB) / MB)).toEqual([0, 30, 100]);
});

test('a claim that does not fit is refused, and fits once memory is returned', async () => {
  const budget = new MemoryBudget(100 * MB);
  const [first, second] = [budget.share(), budget.share()];
  first.claim(20 * MB);
  expect(() => second.claim(20 * MB)).toThrow(MemoryNeeded);
  const waiting = second.wait(20 * MB, signal);
  first[Symbol.dispose]();
  await waiting;
  second.claim(20 * MB);
  expect(budget.usedBytes).toBe(60 * MB);
  second[Symbol.dispose]();
  expect(budget.usedBytes).toBe(0);
});

test('a share is enough for the largest of its headers, not for all of them', () => {
  const budget = new MemoryBudget(100 * MB);
  using share = budget.share();
  for (const size of [10, 20, 5]) share.claim(size * MB);
  expect(budget.usedBytes).toBe(60 * MB);
});

test('the first in line is served first, however small the next one is', async () => {
  const budget = new MemoryBudget(100 * MB);
  const [holder, large, small] = [budget.share(), budget.share(), budget.share()];
  holder.claim(20 * MB);
  const served: string[] = [];
  const waiting = [
    large.wait(30 * MB, signal).then(() => served.push('large')),
    small.wait(5 * MB, signal).then(() => served.push('small')),
  ];
  expect(() => budget.share().claim(MB)).toThrow(MemoryNeeded);
  holder[Symbol.dispose]();
  await waiting[0];
  large[Symbol.dispose]();
  await Promise.all(waiting);
  expect(served).toEqual(['large', 'small']);
});

test('an aborted wait leaves the line to the others', async () => {
  const budget = new MemoryBudget(100 * MB);
  const [holder, large, small] = [budget.share(), budget.share(), budget.share()];
  holder.claim(20 * MB);
  const controller = new AbortController();
  const leaving = large.wait(30 * MB, controller.signal);
  const staying = small.wait(5 * MB, signal);
  controller.abort(new Error('left'));
  await expect(leaving).rejects.toThrow('left');
  await staying;
  expect(budget.usedBytes).toBe(75 * MB);
});
