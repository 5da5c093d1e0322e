import { randomBytes } from 'node:crypto';
import { type BatchRef, parseRef } from '../../core/batch/batch.ts';
import { sessionBucket } from '../../core/time-buckets.ts';
import type { FeedPage, ResultFeed } from '../result-feed.ts';
import { EXPIRY_KEYS, FEED_KEYS, loadBatchScript, nullWhenGone } from './batch-script.ts';
import {
  EVENT_BYTES,
  EVENTS_PER_SEGMENT,
  FEED_CONSTANTS,
  type PackedEvent,
  unpackEvents,
} from './packing/pack-feed-event.ts';
import { ignoreType } from './reading/ignore-type.ts';
import { RedisPart } from './redis-part.ts';

const joinFeed = loadBatchScript('join-feed', {
  keys: FEED_KEYS,
  args: [],
  constants: FEED_CONSTANTS,
  uses: ['announce'],
});

const announceExpired = loadBatchScript('announce-expired', {
  keys: ['sessions', ...EXPIRY_KEYS, ...FEED_KEYS],
  args: ['bucket'],
  constants: FEED_CONSTANTS,
  uses: ['announce'],
});

const BITS_PER_BYTE = 8;

/** The most that one look announces; further ones follow at once. */
const EXPIRIES_AT_ONCE = 100;

/** The feed on Redis. */
export class RedisResultFeed extends RedisPart implements ResultFeed {
  async readId(): Promise<string> {
    await this.redis.hsetnx(this.keys.feed, 'id', randomBytes(8).toString('hex'));
    return (await this.redis.hget(this.keys.feed, 'id')) ?? '';
  }

  async readLatest(): Promise<number> {
    return (await this.#readEnds()).events;
  }

  async readEvents(from: number, limit: number): Promise<FeedPage> {
    const { events: newest, dropped } = await this.#readEnds();
    const first = Math.max(from, dropped * EVENTS_PER_SEGMENT + 1);
    const last = Math.min(newest, first + limit - 1);
    const parts: PackedEvent[] = [];
    for (let next = first; next <= last; next = first + parts.length) {
      parts.push(...(await this.#readPart(next, last)));
    }
    const batches = await this.#readBatches(parts);
    const events = parts.map(({ batch, scope }, index) => ({
      number: first + index,
      batch: batches.get(batch) ?? null,
      scope,
    }));
    return { events, next: first + events.length, latest: newest };
  }

  async firstEventOf(batch: BatchRef): Promise<number | null> {
    const first = nullWhenGone(await joinFeed.run(this.place, batch));
    return first === null ? null : Number(first);
  }

  /**
   * Appends one event for each batch and 5 minutes in which sessions have expired. Several workers may do so at once,
   * or die: each event is appended once. The event is repeated if a session that expired in that time is recorded
   * later.
   */
  async announceExpired(nowMs: number): Promise<void> {
    const before = `(${sessionBucket(nowMs)}`;
    for (let isMore = true; isMore; ) {
      const due = await this.redis.zrangebyscore(
        this.keys.expiring,
        '-inf',
        before,
        'LIMIT',
        0,
        EXPIRIES_AT_ONCE,
      );
      for (const one of due) await this.#announceExpired(one);
      isMore = due.length === EXPIRIES_AT_ONCE;
    }
  }

  /** `due`: a batch and the five minutes, as `note-expiry.lua` writes them. */
  async #announceExpired(due: string): Promise<void> {
    const [word = '', bucket = ''] = due.split(' ');
    const reply = await announceExpired
      .run(this.place, parseRef(word), { bucket })
      .catch(ignoreType);
    // A batch that is gone or damaged must not delay the others.
    if (typeof reply !== 'number') await this.redis.zrem(this.keys.expiring, due);
  }

  async listExpired(
    batchId: string,
    bucket: number,
    { from, limit }: { from: number; limit: number },
  ): Promise<number[]> {
    const bits = await this.redis
      .hgetBuffer(this.keys.expiringChunks(batchId), String(bucket))
      .catch(ignoreType);
    const found: number[] = [];
    const end = (bits?.length ?? 0) * BITS_PER_BYTE;
    for (let chunk = from; chunk < end && found.length < limit; chunk += 1) {
      const byte = bits?.[Math.floor(chunk / BITS_PER_BYTE)] ?? 0;
      if ((byte >> (chunk % BITS_PER_BYTE)) & 1) found.push(chunk);
    }
    return found;
  }

  async #readEnds(): Promise<{ events: number; dropped: number }> {
    const [events, dropped] = await this.redis.hmget(this.keys.feed, 'events', 'dropped');
    return { events: Number(events), dropped: Number(dropped) };
  }

  /** Reads the events of one segment. Events dropped meanwhile are read as zeros, which belong to no batch. */
  async #readPart(from: number, to: number): Promise<PackedEvent[]> {
    const segment = Math.floor((from - 1) / EVENTS_PER_SEGMENT);
    const before = segment * EVENTS_PER_SEGMENT;
    const start = (from - 1 - before) * EVENT_BYTES;
    const end = Math.min(to - before, EVENTS_PER_SEGMENT) * EVENT_BYTES;
    const key = this.keys.feedSegment(segment);
    const bytes = Buffer.alloc(end - start);
    (await this.redis.getrangeBuffer(key, start, end - 1)).copy(bytes);
    return unpackEvents(bytes);
  }

  /** Batches by the numbers of their first events. */
  async #readBatches(events: readonly PackedEvent[]): Promise<Map<number, BatchRef>> {
    const numbers = [...new Set(events.map(({ batch }) => batch))];
    const found = await Promise.all(
      numbers.map((number) => this.redis.zrangebyscore(this.keys.feedBatches, number, number)),
    );
    return new Map(
      numbers.flatMap((number, index) => {
        const word = found[index]?.[0];
        return word === undefined ? [] : [[number, parseRef(word)] as const];
      }),
    );
  }
}
