import type { Redis } from 'ioredis';
import { z } from 'zod';
import { loadScript } from '../../redis/script.ts';
import type { ProbeResult } from '../../video/prober.ts';
import type { Keys } from '../keys.ts';
import { packProbe, unpackProbe } from './packing/pack-probe.ts';
import { digestSource } from './packing/source-digest.ts';

/** What to do about a video before it is read. */
export type Recollection =
  /** No other row of the batch names it: just read it. */
  | { kind: 'unshared' }
  | { kind: 'known'; result: ProbeResult }
  /** Read it, then `remember` or `giveUp`. */
  | { kind: 'yours' }
  /** Another row's worker is reading it. */
  | { kind: 'being_read' };

/** Has a video that several rows of a batch name read once for all of them. Lives as long as the batch. */
export interface ProbeMemory {
  recall(batchId: string, videoUrl: string, nowMs: number): Promise<Recollection>;
  remember(batchId: string, videoUrl: string, result: ProbeResult): Promise<void>;
  /** The video could not be read for a passing reason: whoever comes next may try. */
  giveUp(batchId: string, videoUrl: string): Promise<void>;
}

/** A reader that is silent for longer is thought dead. */
const READING_MS = 60_000;

const recallProbe = loadScript(new URL('./lua/', import.meta.url), 'recall-probe');
const recallReply = z.union([
  z.tuple([z.literal('known'), z.string()]),
  z.tuple([z.enum(['unshared', 'yours', 'being_read'])]),
]);

export class RedisProbeMemory implements ProbeMemory {
  readonly #redis: Redis;
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async recall(batchId: string, videoUrl: string, nowMs: number): Promise<Recollection> {
    const reply = recallReply.parse(
      await recallProbe.run(
        this.#redis,
        [this.#keys.probeMemory(batchId)],
        [digestOf(videoUrl), nowMs, nowMs + READING_MS],
      ),
    );
    return reply[0] === 'known'
      ? { kind: 'known', result: unpackProbe(reply[1]) }
      : { kind: reply[0] };
  }

  async remember(batchId: string, videoUrl: string, result: ProbeResult): Promise<void> {
    await this.#redis.hset(this.#keys.probeMemory(batchId), digestOf(videoUrl), packProbe(result));
  }

  async giveUp(batchId: string, videoUrl: string): Promise<void> {
    await this.#redis.hset(this.#keys.probeMemory(batchId), digestOf(videoUrl), '');
  }
}

const digestOf = (videoUrl: string): string => digestSource({ kind: 'url', videoUrl }).digest;
