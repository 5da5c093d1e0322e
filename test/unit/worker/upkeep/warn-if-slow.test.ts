import { stat } from 'node:fs/promises';
import { expect, test, vi } from 'vitest';
import { warnIfSlow } from '../../../../src/worker/upkeep/warn-if-slow.ts';

const LIMIT_MS = 50;

/** Blocks this process for a while, as if it were frozen. */
function freeze(forMs: number): void {
  const untilMs = Date.now() + forMs;
  while (Date.now() < untilMs);
}

test('a missing answer is reported once', async () => {
  const onSilence = vi.fn();
  let answer = (_text: string): void => {};
  const coming = new Promise<string>((resolve) => {
    answer = resolve;
  });
  const heard = warnIfSlow(coming, LIMIT_MS, onSilence);
  await vi.waitFor(() => expect(onSilence).toHaveBeenCalled());
  answer('at last');
  expect(await heard).toBe('at last');
  expect(onSilence).toHaveBeenCalledOnce();
});

test('an answer that came while this process was frozen is not reported', async () => {
  const onSilence = vi.fn();
  const heard = warnIfSlow(stat(import.meta.filename), LIMIT_MS, onSilence);
  freeze(LIMIT_MS * 4);
  await heard;
  expect(onSilence).not.toHaveBeenCalled();
});

test('a failure is not silence', async () => {
  const onSilence = vi.fn();
  const failing = warnIfSlow(Promise.reject(new Error('refused')), LIMIT_MS, onSilence);
  await expect(failing).rejects.toThrow('refused');
  expect(onSilence).not.toHaveBeenCalled();
});
