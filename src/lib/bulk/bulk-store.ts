import { randomBytes } from 'node:crypto';
import { type BatchRef, formatRef, parseRef } from '../core/batch/batch.ts';
import type { ListPlace } from '../core/list-place.ts';
import { hold, release } from '../redis/lease.ts';
import { repliesOf } from '../redis/replies.ts';
import { loadScript } from '../redis/script.ts';
import { listPlaces } from '../store/redis/reading/list-places.ts';
import { RedisPart } from '../store/redis/redis-part.ts';
import { redisTimeMs } from '../store/redis/worker-registry.ts';
import {
  type BegunStep,
  BULK_STATES,
  type BulkAction,
  type BulkProgress,
  type BulkState,
  type BulkStep,
  storedAction,
  storedStep,
} from './bulk-action.ts';

/** An unconfirmed draft is dropped after an hour. */
const DRAFT_MS = 3_600_000;
const KEPT_MS = 30 * 86_400_000;
const KEPT_ACTIONS = 500;
const KEPT_SENTENCES = 100;
const LEASE_MS = 15_000;
const PUSHED_AT_ONCE = 1_000;

const LUA = new URL('./lua/', import.meta.url);
const startBulk = loadScript(LUA, 'start-bulk', {
  keys: ['bulk', 'bulkBatches', 'bulkUnderWay', 'bulkActions'],
  args: ['id', 'nowMs', 'kept'],
});
const advanceBulk = loadScript(LUA, 'advance-bulk', {
  keys: ['bulk', 'bulkBatches', 'bulkLeft', 'bulkUnderWay'],
  args: [
    'id',
    'expected',
    'next',
    'batches',
    'rows',
    'left',
    'sentence',
    'keptSentences',
    'nowMs',
    'keptMs',
  ],
});
const stopBulk = loadScript(LUA, 'stop-bulk', {
  keys: ['bulk', 'bulkBatches', 'bulkLeft', 'bulkUnderWay'],
  args: ['id', 'who', 'nowMs', 'keptMs'],
});

export interface BulkRecord extends BulkAction, BulkProgress {
  /** The step at `position` has begun and is not recorded: its process has died, or is still working on it. */
  begun: BegunStep | null;
}

/** Bulk actions in Redis: a draft for an hour, one under way until it ends, and then for 30 days, at most 500. */
export class BulkStore extends RedisPart {
  /** The clock that decides what a bulk action concerns. */
  nowMs(): Promise<number> {
    return redisTimeMs(this.redis);
  }

  /** Stores a draft and returns its id. `batches`: the ones it concerns; none for rows. */
  async create(draft: Omit<BulkAction, 'id'>, batches: readonly BatchRef[]): Promise<string> {
    const id = randomBytes(6).toString('hex');
    const { bulk, targets } = { bulk: this.keys.bulk(id), targets: this.keys.bulkBatches(id) };
    for (let at = 0; at < batches.length; at += PUSHED_AT_ONCE) {
      const some = batches.slice(at, at + PUSHED_AT_ONCE).map(formatRef);
      await repliesOf(
        this.redis
          .multi()
          .rpush(targets, ...some)
          .pexpire(targets, DRAFT_MS),
      );
    }
    const action = storedAction.write({ ...draft, id });
    const position = draft.chosen.kind === 'rows' ? 1 : 0;
    const fields = { action, state: 'draft', position, batches: 0, rows: 0, left: 0 };
    await repliesOf(this.redis.multi().hset(bulk, fields).pexpire(bulk, DRAFT_MS));
    return id;
  }

  /** Null when it does not exist, or no longer does. @throws UnreadableRecord */
  async read(id: string): Promise<BulkRecord | null> {
    const { action, ...fields } = await this.redis.hgetall(this.keys.bulk(id));
    return action === undefined ? null : recordOf(storedAction.read(action), fields);
  }

  /**
   * Those that were started, newest first, at most 500. `from`: only those after this position. Damaged ones are left
   * out. `next`: the place of the last one, if others follow.
   */
  async list(
    limit: number,
    from: ListPlace | null = null,
  ): Promise<{ actions: BulkRecord[]; next: ListPlace | null }> {
    const actions: BulkRecord[] = [];
    let next: ListPlace | null = null;
    const wanted = { from, towards: 'older' } as const;
    for await (const places of listPlaces(this.redis, this.keys.bulkActions, wanted)) {
      const records = await this.#readSome(places);
      for (const [at, place] of places.entries()) {
        const record = records[at] ?? null;
        if (record === null) continue;
        if (actions.length === limit) return { actions, next };
        actions.push(record);
        next = place;
      }
    }
    return { actions, next: null };
  }

  /** In the same order; null for damaged ones. */
  async #readSome(places: readonly ListPlace[]): Promise<(BulkRecord | null)[]> {
    const pipeline = this.redis.pipeline();
    for (const { id } of places) pipeline.hgetall(this.keys.bulk(id));
    const replies = (await pipeline.exec()) ?? [];
    return replies.map(([error, reply]) => {
      if (error !== null) return null;
      const { action = '', ...fields } = reply as Record<string, string>;
      const known = storedAction.tryRead(action);
      return known && recordOf(known, fields);
    });
  }

  listUnderWay(): Promise<string[]> {
    return this.redis.smembers(this.keys.bulkUnderWay);
  }

  /** The batch at this position, from 0; null after the last one. */
  async readBatch(id: string, position: number): Promise<BatchRef | null> {
    const word = await this.redis.lindex(this.keys.bulkBatches(id), position);
    return word === null ? null : parseRef(word);
  }

  /** The first batches of an action, as they were chosen. */
  async listBatches(id: string, limit: number): Promise<BatchRef[]> {
    const words = await this.redis.lrange(this.keys.bulkBatches(id), 0, limit - 1);
    return words.map(parseRef);
  }

  /** Why batches were left alone, in order; at most 100 sentences. */
  readLeft(id: string): Promise<string[]> {
    return this.redis.lrange(this.keys.bulkLeft(id), 0, -1);
  }

  /** Its state afterwards: `running`, or that of an action that was started before. Null when there is none. */
  async start(id: string): Promise<BulkState | null> {
    const nowMs = await this.nowMs();
    const { bulkUnderWay, bulkActions } = this.keys;
    const keys = { ...this.#keysOf(id), bulkUnderWay, bulkActions };
    const { bulkLeft: _, ...used } = keys;
    return stateIn(await startBulk.run(this.redis, used, { id, nowMs, kept: KEPT_ACTIONS }));
  }

  /** Its state afterwards; null when there is none. */
  async stop(id: string, who: string): Promise<BulkState | null> {
    const keys = { ...this.#keysOf(id), bulkUnderWay: this.keys.bulkUnderWay };
    const given = { id, who, nowMs: await this.nowMs(), keptMs: KEPT_MS };
    return stateIn(await stopBulk.run(this.redis, keys, given));
  }

  /** Stores what the next step is about to do; `advance` removes it. */
  async begin(id: string, step: BegunStep): Promise<void> {
    await this.redis.hset(this.keys.bulk(id), 'begun', storedStep.write(step));
  }

  /**
   * Records a step that began at `expected`, once, however many processes have done it. False when the action does
   * not continue: it has ended, was stopped, or another process has it.
   */
  async advance(id: string, expected: number, step: BulkStep): Promise<boolean> {
    const { next, sentence = '', ...counted } = step;
    const keys = { ...this.#keysOf(id), bulkUnderWay: this.keys.bulkUnderWay };
    const given = { ...counted, id, expected, sentence, next: next ?? '' };
    const kept = { keptSentences: KEPT_SENTENCES, keptMs: KEPT_MS, nowMs: await this.nowMs() };
    return (await advanceBulk.run(this.redis, keys, { ...given, ...kept })) === 1;
  }

  /** An action whose record is lost is not tried again. */
  async forget(id: string): Promise<void> {
    await this.redis.srem(this.keys.bulkUnderWay, id);
  }

  /** Whether the process `me` may carry it out for the next 15 s. */
  hold(id: string, me: string): Promise<boolean> {
    return hold(this.redis, this.keys.bulkLease(id), { me, leaseMs: LEASE_MS });
  }

  release(id: string, me: string): Promise<void> {
    return release(this.redis, this.keys.bulkLease(id), me);
  }

  #keysOf(id: string): { bulk: string; bulkBatches: string; bulkLeft: string } {
    const { bulk, bulkBatches, bulkLeft } = this.keys;
    return { bulk: bulk(id), bulkBatches: bulkBatches(id), bulkLeft: bulkLeft(id) };
  }
}

const stateIn = (text: unknown): BulkState | null =>
  BULK_STATES.find((state) => state === text) ?? null;

const recordOf = (action: BulkAction, fields: Record<string, string>): BulkRecord => ({
  ...action,
  ...progressIn(fields),
  begun: fields.begun === undefined ? null : storedStep.tryRead(fields.begun),
});

function progressIn(fields: Record<string, string>): BulkProgress {
  const number = (name: string): number => Number(fields[name] ?? 0);
  const time = (name: string): number | null =>
    fields[name] === undefined ? null : Number(fields[name]);
  return {
    state: stateIn(fields.state) ?? 'stopped',
    position: number('position'),
    batches: number('batches'),
    rows: number('rows'),
    left: number('left'),
    startedAtMs: time('startedAtMs'),
    endedAtMs: time('endedAtMs'),
    stoppedBy: fields.stoppedBy ?? null,
  };
}
