import { expect, test } from 'vitest';
import { decideManifestRetry } from '../../../../../src/lib/core/schedule/decide-manifest-retry.ts';

test('a manifest is retried after pauses that double, for the last time after ten minutes', () => {
  const triesMs = [0];
  for (;;) {
    const takenMs = triesMs.at(-1) ?? 0;
    const pauseMs = decideManifestRetry(takenMs);
    if (pauseMs === null) break;
    triesMs.push(takenMs + pauseMs);
  }
  expect(triesMs.map((ms) => ms / 1_000)).toEqual([0, 10, 20, 40, 80, 160, 320, 600]);
});
