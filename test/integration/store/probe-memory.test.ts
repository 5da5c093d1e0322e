import { expect, it, onTestFinished, vi } from 'vitest';
import { digestSource } from '../../../src/lib/store/redis/packing/source-digest.ts';
import { RedisProbeMemory } from '../../../src/lib/store/redis/redis-probe-memory.ts';
import type { ProbeResult } from '../../../src/lib/video/prober.ts';
import { ref, withBatch } from '../../contract/batch-store/examples.ts';
import { SteeringBench } from './steering-bench.ts';

const URL_SHARED = 'https://videos.example/shared.mp4';
const FOUND: ProbeResult = {
  kind: 'no_video_track',
  cost: { durationMs: 1, requests: 1, bytesRead: 0 },
};
const BATCH = ref('batch-1');

/** A batch in which several rows name one video. */
async function openMemory() {
  const bench = new SteeringBench();
  await withBatch(bench.store, 2);
  const { digest } = digestSource({ kind: 'url', videoUrl: URL_SHARED });
  await bench.redis.hset(bench.keys.probeMemory('batch-1'), digest, '');
  const memory = new RedisProbeMemory(bench.redis, bench.keys);
  const takeTurn = async (): Promise<string> => {
    const recalled = await memory.recall(BATCH, URL_SHARED);
    if (recalled.kind !== 'yours') throw new Error(recalled.kind);
    return recalled.turn;
  };
  const recall = async (): Promise<string> => (await memory.recall(BATCH, URL_SHARED)).kind;
  /** Makes a turn look as if the reader had held it for this long. */
  const letTurnAge = async (turn: string, ageMs: number): Promise<string> => {
    const [untilMs, mark] = turn.split('.');
    const aged = `${Number(untilMs) - ageMs}.${mark}`;
    await bench.redis.hset(bench.keys.probeMemory('batch-1'), digest, aged);
    return aged;
  };
  return { bench, memory, takeTurn, letTurnAge, recall };
}

it('the memory gives one reader the turn, and returns its result to the others', async () => {
  const { memory, takeTurn, recall } = await openMemory();
  const turn = await takeTurn();
  expect(await recall()).toBe('being_read');
  await memory.remember(BATCH, URL_SHARED, turn, FOUND);
  expect(await memory.recall(BATCH, URL_SHARED)).toEqual({ kind: 'known', result: FOUND });
});

it('the memory drops the result of a reading that began before a retry', async () => {
  const { bench, memory, takeTurn, recall } = await openMemory();
  const turn = await takeTurn();
  await bench.steering.forgetProbes(BATCH);
  await memory.remember(BATCH, URL_SHARED, turn, FOUND);
  expect(await recall()).toBe('yours');
});

it('the memory leaves the turn to the reader that got it after a slow one lost it', async () => {
  const { memory, takeTurn, letTurnAge, recall } = await openMemory();
  const slow = await letTurnAge(await takeTurn(), 61_000);
  const turn = await takeTurn();
  await memory.giveUp(BATCH, URL_SHARED, slow);
  expect(await recall()).toBe('being_read');
  await memory.giveUp(BATCH, URL_SHARED, turn);
  expect(await recall()).toBe('yours');
});

it("the memory uses the clock of Redis, whatever the worker's clock says", async () => {
  const { takeTurn, letTurnAge, recall } = await openMemory();
  const { now } = Date;
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  vi.spyOn(Date, 'now').mockImplementation(() => now() + 86_400_000);
  const turn = await takeTurn();
  expect(await recall()).toBe('being_read');
  vi.spyOn(Date, 'now').mockImplementation(() => now() - 86_400_000);
  expect(await recall()).toBe('being_read');
  await letTurnAge(turn, 61_000);
  expect(await recall()).toBe('yours');
});

it('the memory knows and keeps nothing for a removed batch', async () => {
  const { memory, takeTurn, recall } = await openMemory();
  const turn = await takeTurn();
  const removed = { ...BATCH, incarnation: 'removed' };
  expect(await memory.recall(removed, URL_SHARED)).toEqual({ kind: 'unshared' });
  await memory.remember(removed, URL_SHARED, turn, FOUND);
  expect(await recall()).toBe('being_read');
});
