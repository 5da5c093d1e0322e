import { randomInt } from 'node:crypto';
import type { Batch } from '../../src/lib/core/batch/batch.ts';
import type { Source } from '../../src/lib/core/manifest/source.ts';
import type { Outcome } from '../../src/lib/core/row/outcome.ts';
import type { BatchStore } from '../../src/lib/store/batch-store.ts';

const AT_ONCE = 200;
export const LIFE_MS = 864e5;

/** Outcomes as workers store them after a probe and a call; this process records them, as no API is that fast. */
export async function endAllRows(store: BatchStore, batch: Batch): Promise<void> {
  const { rows } = batch;
  for (let first = 1; first <= rows; first += AT_ONCE) {
    const count = Math.min(AT_ONCE, rows - first + 1);
    const numbers = Array.from({ length: count }, (_, index) => first + index);
    await Promise.all(
      numbers.map((row) => store.recordOutcome(batch, row, '', success(row), sourceOf(row))),
    );
  }
}

export const sourceOf = (row: number): Source => ({
  kind: 'url',
  videoUrl: `https://media.example.com/${row}.mp4`,
});

export function success(row: number): Outcome {
  const finishedAtMs = Date.now();
  return {
    status: 'succeeded',
    finishedAtMs,
    attempts: 1,
    warnings: [],
    session: {
      id: String(
        784_912_000_000_000_000n + 1_000_000n * BigInt(row) + BigInt(randomInt(1_000_000)),
      ),
      expiresAtMs: finishedAtMs + LIFE_MS,
    },
    requestId: crypto.randomUUID(),
    video: { durationS: 5.041, width: 1920, height: 1080, fps: 30 },
  };
}
