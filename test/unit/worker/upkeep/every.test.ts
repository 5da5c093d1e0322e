import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { every } from '../../../../src/worker/upkeep/every.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('the loop runs one turn at a time, and none after it is disposed', async () => {
  const ends: (() => void)[] = [];
  const task = (): Promise<void> => new Promise((end) => ends.push(end));
  const repeated = every(100, task, { onError: () => undefined });
  await vi.advanceTimersByTimeAsync(350);
  expect(ends.length).toBe(1);
  ends[0]?.();
  await repeated.idle();
  await vi.advanceTimersByTimeAsync(100);
  expect(ends.length).toBe(2);
  ends[1]?.();
  await repeated.idle();
  repeated[Symbol.dispose]();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(ends.length).toBe(2);
});

it.each([
  ['a fault of ours', new TypeError('ours'), 2],
  ['lost Redis', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), 0],
])('the loop continues after %s, and reports only our own errors', async (_what, error, told) => {
  const onError = vi.fn();
  let turns = 0;
  const fail = (): Promise<void> => {
    turns += 1;
    return Promise.reject(error);
  };
  using _repeated = every(100, fail, { onError, isAtOnce: true });
  await vi.advanceTimersByTimeAsync(150);
  expect(turns).toBe(2);
  expect(onError).toHaveBeenCalledTimes(told);
});
