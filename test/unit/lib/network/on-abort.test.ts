import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { onAbort } from '../../../../src/lib/network/on-abort.ts';

test('all listeners of a signal are called, and take one place at it', () => {
  const controller = new AbortController();
  const called: string[] = [];
  const note = (): void => void called.push('the same function');
  onAbort(controller.signal, () => called.push('first'));
  onAbort(controller.signal, note);
  onAbort(controller.signal, note);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
  controller.abort();
  expect(called).toEqual(['first', 'the same function', 'the same function']);
});

test('a listener that was stopped is not called, also while the others are', () => {
  const controller = new AbortController();
  const called: string[] = [];
  const stopLast = { now: (): void => undefined };
  onAbort(controller.signal, () => {
    called.push('first');
    stopLast.now();
  });
  stopLast.now = onAbort(controller.signal, () => called.push('last'));
  controller.abort();
  expect(called).toEqual(['first']);
});

test('the last listener leaves nothing behind, and the next one is called again', () => {
  const controller = new AbortController();
  const stop = onAbort(controller.signal, () => undefined);
  stop();
  stop();
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  let calls = 0;
  const stopNext = onAbort(controller.signal, () => {
    calls += 1;
  });
  stop();
  controller.abort();
  stopNext();
  expect(calls).toBe(1);
});
