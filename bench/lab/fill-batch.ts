import { type BatchRef, NO_ARRANGEMENTS } from '../../src/lib/core/batch/batch.ts';
import { CHUNK_ROWS, countChunks, firstRowOfChunk } from '../../src/lib/core/batch/chunk.ts';
import type { Outcome } from '../../src/lib/core/row/outcome.ts';
import type { Stores } from '../../src/library/wiring/stores.ts';

const SHAPE = {
  format: 'csv' as const,
  delimiter: ',',
  columns: ['name', 'video_url'],
  roles: { video_url: 'video_url', video_id: null, task_id: null, video_created_at: null },
};

export interface BatchToFill {
  id: string;
  rows: number;
  /** This many rows have ended; the others wait. */
  ended: number;
  tags?: string[];
}

/**
 * Fills a batch as after an import and some hours of work: one row in 1,000 failed, and one failed in a unique way.
 */
export async function fillBatch(
  { store }: Pick<Stores, 'store'>,
  { id, rows, ended, tags = [] }: BatchToFill,
): Promise<BatchRef> {
  const batch: BatchRef = { id, incarnation: 'bench' };
  await store.openBatch(
    {
      ...batch,
      identity: id,
      name: `${id}.csv`,
      manifestSha256: '',
      shape: SHAPE,
      options: { strictFps: false, maxFailures: { kind: 'off' }, reuse: false, trialRows: null },
      priority: 10,
      arrangements: { ...NO_ARRANGEMENTS, tags },
      notify: null,
      mends: null,
      selection: null,
    },
    Date.now(),
  );
  for (let index = 0; index < countChunks(rows); index += 1) {
    const first = firstRowOfChunk(index);
    const numbers = Array.from(
      { length: Math.min(CHUNK_ROWS, rows - first + 1) },
      (_, i) => first + i,
    );
    const done = numbers.filter((row) => row <= ended);
    await store.appendChunk(batch, {
      index,
      rows: numbers.map((row) => ({ row, line: row + 1, cells: [`clip ${row}`, urlOf(row)] })),
      outcomes: new Map(done.map((row) => [row, endOf(row, rows)])),
      sharedUrls: [],
    });
  }
  await store.finishImport(batch, SHAPE, Date.now());
  return batch;
}

function urlOf(row: number): string {
  const signature = (row * 7_919).toString(16).padStart(64, '0');
  return `https://media.example.com/clips/${row}.mp4?X-Amz-Signature=${signature}`;
}

function endOf(row: number, rows: number): Outcome {
  const finishedAtMs = Date.now();
  const common = { finishedAtMs, attempts: 1, warnings: [], requestId: `request-${row}` };
  if (row === rows - 3)
    return { ...common, status: 'failed', error: { code: 'once', message: 'words' } };
  if (row % 1_000 === 0) {
    return {
      ...common,
      status: 'failed',
      error: { code: 'http_404', message: 'The server has no such file.' },
    };
  }
  return {
    ...common,
    status: 'succeeded',
    session: {
      id: String(784_912_000_000_000_000n + BigInt(row)),
      expiresAtMs: finishedAtMs + 864e5,
    },
    video: { durationS: 5.041, width: 1920, height: 1080, fps: 30 },
  };
}
