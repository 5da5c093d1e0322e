import type { Redis } from 'ioredis';
import { chunkOfRow } from '../../core/batch/chunk.ts';
import type { Source } from '../../core/manifest/source.ts';
import type { LiveSession } from '../../core/row/compose-outcome.ts';
import type { BatchStore } from '../batch-store.ts';
import type { Keys } from '../keys.ts';
import { ledgerHours, parseLedgerValue } from './packing/ledger-entry.ts';
import { unpackEarlier } from './packing/pack-outcome.ts';
import { digestSource } from './packing/source-digest.ts';

/** Which videos have a live session, whatever batch opened it. Written together with the outcomes. */
export interface Ledger {
  /**
   * The session of this video that lives longest; null when none lives for another 15 minutes, and for a row
   * that had a session before: whoever lets such a row wait again wants a new one.
   */
  findLiveSession(
    source: Source,
    forRow: { batchId: string; row: number },
    nowMs: number,
  ): Promise<LiveSession | null>;
}

/** A session about to expire is of no use to those who still have to work with it. */
const LEAST_LIFE_MS = 15 * 60_000;

export class RedisLedger implements Ledger {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #store: Pick<BatchStore, 'readOutcomesOf'>;

  constructor(redis: Redis, keys: Keys, store: Pick<BatchStore, 'readOutcomesOf'>) {
    this.#redis = redis;
    this.#keys = keys;
    this.#store = store;
  }

  async findLiveSession(
    source: Source,
    forRow: { batchId: string; row: number },
    nowMs: number,
  ): Promise<LiveSession | null> {
    if (await this.#hadSession(forRow)) return null;
    const { digest, slice } = digestSource(source);
    const values = await Promise.all(
      ledgerHours(nowMs).map((hour) => this.#redis.hget(this.#keys.ledger(hour, slice), digest)),
    );
    for (const value of values) {
      if (value === null) continue;
      const { batchId, row } = parseLedgerValue(value);
      const session = (await this.#store.readOutcomesOf(batchId, [row])).get(row)?.session;
      if (session !== undefined && session.expiresAtMs >= nowMs + LEAST_LIFE_MS) {
        return { session, batchId, row };
      }
    }
    return null;
  }

  async #hadSession({ batchId, row }: { batchId: string; row: number }): Promise<boolean> {
    const key = this.#keys.earlier(batchId, chunkOfRow(row));
    const earlier = unpackEarlier(await this.#redis.hget(key, String(row)));
    return earlier.some(({ session }) => session !== undefined);
  }
}
