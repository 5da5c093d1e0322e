import { expect, it } from 'vitest';
import { digestSource } from '../../../src/lib/store/redis/packing/source-digest.ts';
import { RedisProbeMemory } from '../../../src/lib/store/redis/redis-probe-memory.ts';
import type { ProbeResult } from '../../../src/lib/video/prober.ts';
import { ref, withBatch } from '../../contract/batch-store/examples.ts';
import { NOW_MS, SteeringBench } from './steering-bench.ts';

const URL_SHARED = 'https://videos.example/shared.mp4';
const FOUND: ProbeResult = {
  kind: 'no_video_track',
  cost: { durationMs: 1, requests: 1, bytesRead: 0 },
};
const BATCH = ref('batch-1');

/** A batch of which several rows name one video. */
async function openMemory() {
  const bench = new SteeringBench();
  await withBatch(bench.store, 2);
  const { digest } = digestSource({ kind: 'url', videoUrl: URL_SHARED });
  await bench.redis.hset(bench.keys.probeMemory('batch-1'), digest, '');
  const memory = new RedisProbeMemory(bench.redis, bench.keys);
  const takeTurn = async (nowMs = NOW_MS): Promise<string> => {
    const recalled = await memory.recall(BATCH, URL_SHARED, nowMs);
    if (recalled.kind !== 'yours') throw new Error(recalled.kind);
    return recalled.turn;
  };
  const recall = async (): Promise<string> => (await memory.recall(BATCH, URL_SHARED, NOW_MS)).kind;
  return { bench, memory, takeTurn, recall };
}

it('gives one reader the turn, and tells the others what it found', async () => {
  const { memory, takeTurn, recall } = await openMemory();
  const turn = await takeTurn();
  expect(await recall()).toBe('being_read');
  await memory.remember(BATCH, URL_SHARED, turn, FOUND);
  expect(await memory.recall(BATCH, URL_SHARED, NOW_MS)).toEqual({ kind: 'known', result: FOUND });
});

it('forgets what a reading finds that began before a retry', async () => {
  const { bench, memory, takeTurn, recall } = await openMemory();
  const turn = await takeTurn();
  await bench.steering.forgetProbes(BATCH);
  await memory.remember(BATCH, URL_SHARED, turn, FOUND);
  expect(await recall()).toBe('yours');
});

it('leaves the turn to the reader that has it after a slow one lost it', async () => {
  const { memory, takeTurn, recall } = await openMemory();
  const slow = await takeTurn(NOW_MS - 61_000);
  const turn = await takeTurn();
  await memory.giveUp(BATCH, URL_SHARED, slow);
  expect(await recall()).toBe('being_read');
  await memory.giveUp(BATCH, URL_SHARED, turn);
  expect(await recall()).toBe('yours');
});

it('knows and keeps nothing for a batch that was removed', async () => {
  const { memory, takeTurn, recall } = await openMemory();
  const turn = await takeTurn();
  const removed = { ...BATCH, incarnation: 'removed' };
  expect(await memory.recall(removed, URL_SHARED, NOW_MS)).toEqual({ kind: 'unshared' });
  await memory.remember(removed, URL_SHARED, turn, FOUND);
  expect(await recall()).toBe('being_read');
});
