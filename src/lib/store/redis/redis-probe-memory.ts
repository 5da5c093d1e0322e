import { randomInt } from 'node:crypto';
import { z } from 'zod';
import type { BatchRef } from '../../core/batch/batch.ts';
import type { ProbeResult } from '../../video/prober.ts';
import { GONE, loadBatchScript } from './batch-script.ts';
import { packProbe, unpackProbe } from './packing/pack-probe.ts';
import { digestSource } from './packing/source-digest.ts';
import { RedisPart } from './redis-part.ts';

/** What to do about a video before it is read. */
export type Recollection =
  /** No other row of the batch names it: read it without sharing. */
  | { kind: 'unshared' }
  | { kind: 'known'; result: ProbeResult }
  /** Read the video, then `remember` or `giveUp`. */
  | { kind: 'yours'; turn: string }
  /** Another row's worker is reading it. */
  | { kind: 'being_read' };

/**
 * Lets one row read a video for all rows of a batch that name it. The memory lives as long as the batch. For a
 * removed batch it remembers nothing and treats every video as unshared.
 */
export interface ProbeMemory {
  recall(batch: BatchRef, videoUrl: string): Promise<Recollection>;
  /** Changes nothing if the turn is over: it took too long, or a retry has asked for another reading. */
  remember(batch: BatchRef, videoUrl: string, turn: string, result: ProbeResult): Promise<void>;
  /** The video could not be read because of passing trouble: the next row may try. */
  giveUp(batch: BatchRef, videoUrl: string, turn: string): Promise<void>;
}

/** A reader that is silent for longer, by the clock of Redis, counts as dead. */
const READING_MS = 60_000;

const recallProbe = loadBatchScript('recall-probe', {
  keys: ['probeMemory'],
  args: ['digest', 'readingMs', 'mark'],
});
const rememberProbe = loadBatchScript('remember-probe', {
  keys: ['probeMemory'],
  args: ['digest', 'turn', 'result'],
});
const recallReply = z.union([
  z.tuple([z.enum(['known', 'yours']), z.string()]),
  z.tuple([z.enum(['unshared', 'being_read'])]),
  z.literal(GONE),
]);

export class RedisProbeMemory extends RedisPart implements ProbeMemory {
  async recall(batch: BatchRef, videoUrl: string): Promise<Recollection> {
    const mark = String(randomInt(2 ** 32));
    const given = { digest: digestOf(videoUrl), readingMs: READING_MS, mark };
    const reply = recallReply.parse(await recallProbe.run(this.place, batch, given));
    if (reply === GONE) return { kind: 'unshared' };
    switch (reply[0]) {
      case 'known': {
        const result = unpackProbe(reply[1]);
        // Each row then reads the video itself.
        return result === null ? { kind: 'unshared' } : { kind: 'known', result };
      }
      case 'yours':
        return { kind: 'yours', turn: reply[1] };
      case 'unshared':
      case 'being_read':
        return { kind: reply[0] };
    }
  }

  async remember(
    batch: BatchRef,
    videoUrl: string,
    turn: string,
    result: ProbeResult,
  ): Promise<void> {
    await this.#endTurn(batch, videoUrl, turn, packProbe(result));
  }

  async giveUp(batch: BatchRef, videoUrl: string, turn: string): Promise<void> {
    await this.#endTurn(batch, videoUrl, turn, '');
  }

  async #endTurn(batch: BatchRef, videoUrl: string, turn: string, result: string): Promise<void> {
    await rememberProbe.run(this.place, batch, { digest: digestOf(videoUrl), turn, result });
  }
}

const digestOf = (videoUrl: string): string => digestSource({ kind: 'url', videoUrl }).digest;
