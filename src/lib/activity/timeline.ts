import { z } from 'zod';
import { repliesOf } from '../redis/replies.ts';
import { storedJson } from '../store/redis/packing/stored-json.ts';
import { RedisPart } from '../store/redis/redis-part.ts';

/** Something that explains a change in a chart. */
export interface Mark {
  atMs: number;
  kind: 'worker' | 'gate' | 'batch';
  /** One clause: `worker 0.2.0 started on build-7`. */
  what: string;
}

const stored = storedJson<Mark>(
  'A mark of a chart',
  z.object({
    atMs: z.number(),
    kind: z.enum(['worker', 'gate', 'batch']),
    what: z.string().max(300),
  }),
);

const KEPT_MS = 8 * 86_400_000;
const KEPT_MARKS = 1_000;

/** Starts of workers and changes of the gate, for charts: the last 1000 within eight days. */
export class Timeline extends RedisPart {
  /** A second call with the same mark changes nothing. */
  async add(mark: Mark): Promise<void> {
    const { timeline } = this.keys;
    await repliesOf(
      this.redis
        .multi()
        .zadd(timeline, mark.atMs, stored.write(mark))
        .zremrangebyscore(timeline, '-inf', mark.atMs - KEPT_MS)
        .zremrangebyrank(timeline, 0, -KEPT_MARKS - 1)
        .pexpire(timeline, KEPT_MS),
    );
  }

  /** Since `fromMs`, oldest first; unreadable ones are left out. */
  async read(fromMs: number): Promise<Mark[]> {
    const texts = await this.redis.zrange(this.keys.timeline, String(fromMs), '+inf', 'BYSCORE');
    return texts.flatMap((text) => stored.tryRead(text) ?? []);
  }
}
