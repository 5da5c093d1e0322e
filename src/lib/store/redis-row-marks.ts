import type { Redis } from 'ioredis';
import type { RowMark } from '../core/row-mark.ts';
import type { Keys } from './keys.ts';
import { MARK_BYTES, unpackMarks } from './pack-mark.ts';
import type { RowMarks } from './row-marks.ts';

/** Marks on Redis. The connection is the caller's and stays open. */
export class RedisRowMarks implements RowMarks {
  readonly #redis: Redis;
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async read(batchId: string, firstRow: number, rows: number): Promise<RowMark[] | null> {
    const start = (firstRow - 1) * MARK_BYTES;
    const [areAllMarked, bytes] = await Promise.all([
      this.#redis.hexists(this.#keys.batch(batchId), 'isMarked'),
      this.#redis.getrangeBuffer(this.#keys.marks(batchId), start, start + rows * MARK_BYTES - 1),
    ]);
    return areAllMarked === 1 ? unpackMarks(bytes, rows) : null;
  }
}
