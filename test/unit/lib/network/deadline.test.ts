import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { withinDeadline } from '../../../../src/lib/network/deadline.ts';

const never = () => new Promise<never>(() => undefined);
const { signal } = new AbortController();

test('work that settles in time has its own result', async () => {
  const limits = { timeoutMs: 60_000, signal };
  await expect(withinDeadline(async () => 7, limits)).resolves.toBe(7);
  await expect(withinDeadline(() => Promise.reject(new Error('its own')), limits)).rejects.toThrow(
    'its own',
  );
});

test('work that never settles ends at its deadline, even if it ignores its signal', async () => {
  const late = withinDeadline(never, { timeoutMs: 10, settleMs: 10, signal });
  await expect(late).rejects.toMatchObject({ name: 'DeadlineExceeded', code: 'ETIMEDOUT' });
});

test('work that never settles ends when its caller aborts', async () => {
  const controller = new AbortController();
  const limits = { timeoutMs: 60_000, settleMs: 10, signal: controller.signal };
  const interrupted = withinDeadline(never, limits);
  controller.abort(new Error('shutting down'));
  await expect(interrupted).rejects.toThrow('shutting down');
  await expect(withinDeadline(never, limits)).rejects.toThrow('shutting down');
});

test('work that ends because of its deadline fails with the deadline, not with its own error', async () => {
  const breaking = (deadline: AbortSignal) =>
    new Promise<never>((_resolve, reject) => {
      deadline.addEventListener('abort', () => reject(new Error('socket closed')));
    });
  const late = () => new Error('too slow');
  const settled = withinDeadline(breaking, { timeoutMs: 10, signal, late });
  await expect(settled).rejects.toThrow('too slow');
});

test('a result that comes while the work is aborted still counts', async () => {
  const finishing = (deadline: AbortSignal) =>
    new Promise<string>((resolve) => {
      deadline.addEventListener('abort', () => setImmediate(() => resolve('the answer')));
    });
  await expect(withinDeadline(finishing, { timeoutMs: 10, signal })).resolves.toBe('the answer');
});

test('nothing is left behind on a signal that outlives the work', async () => {
  const controller = new AbortController();
  await withinDeadline(async () => 7, { timeoutMs: 60_000, signal: controller.signal });
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});
