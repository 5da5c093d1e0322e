import { Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { type BatchRef, NO_ARRANGEMENTS } from '../../../../src/lib/core/batch/batch.ts';
import type { ManifestShape } from '../../../../src/lib/core/manifest/manifest.ts';
import { newRowProgress } from '../../../../src/lib/core/row/row-progress.ts';
import { rowJobOf } from '../../../../src/lib/queue/jobs.ts';
import type { RowView } from '../../../../src/lib/store/batch-store.ts';
import { createKeys } from '../../../../src/lib/store/keys.ts';
import { RedisBatchStore } from '../../../../src/lib/store/redis/redis-batch-store.ts';
import { takeRow } from '../../../../src/worker/stages/work/row-work.ts';
import type { WorkerContext } from '../../../../src/worker/worker-context.ts';
import { ref } from '../../../contract/batch-store/examples.ts';
import { prefixForTest, testRedisUrl } from '../../../setup/redis/redis.ts';

/** A store in which dispatch records the row right after a worker has read it for the first time. */
class SlowDispatchStore extends RedisBatchStore {
  #isNoted = false;

  override async readRow(batch: BatchRef, row: number): Promise<RowView | null> {
    const view = await super.readRow(batch, row);
    if (!this.#isNoted) {
      this.#isNoted = true;
      await this.markDispatched(batch, [{ row, state: 'probing' }], row, 0);
    }
    return view;
  }
}

it('a row that dispatch records only after the worker took it is kept', async () => {
  const redis = new Redis(testRedisUrl());
  onTestFinished(() => redis.disconnect());
  const store = new SlowDispatchStore(redis, createKeys(prefixForTest()));
  await storeOneRow(store);
  const halting = new AbortController().signal;
  const context = { store, halting } as unknown as WorkerContext;
  const source = { kind: 'url', videoUrl: 'https://videos.example/1.mp4' } as const;

  const taken = await takeRow(context, rowJobOf(ref('batch-1'), 1, source));

  if (taken.kind !== 'taken') throw new Error('the row was let go');
  expect(await taken.work.advance({ state: 'ready' })).toBe(true);
  const batch = await store.readBatch('batch-1');
  expect(batch?.counts).toMatchObject({ waiting: 0, probing: 0, ready: 1 });
  expect(await store.readRow(ref('batch-1'), 1)).toMatchObject({
    progress: { ...newRowProgress('ready'), writer: expect.any(String) },
  });
});

async function storeOneRow(store: RedisBatchStore): Promise<void> {
  const roles = { video_url: 'video_url', video_id: null, task_id: null, video_created_at: null };
  const shape: ManifestShape = { format: 'list', delimiter: null, columns: ['video_url'], roles };
  const options = {
    strictFps: false,
    maxFailures: { kind: 'off' },
    reuse: false,
    trialRows: null,
  } as const;
  const draft = {
    ...ref('batch-1'),
    identity: 'one',
    name: 'one',
    manifestSha256: '0',
    shape,
    options,
    priority: 10,
    mends: null,
    arrangements: NO_ARRANGEMENTS,
    notify: null,
    selection: null,
  };
  await store.openBatch(draft, 1);
  const rows = [{ row: 1, line: 1, cells: ['https://videos.example/1.mp4'] }];
  await store.appendChunk(ref('batch-1'), { index: 0, rows, outcomes: new Map(), sharedUrls: [] });
  await store.finishImport(ref('batch-1'), shape, 2);
}
