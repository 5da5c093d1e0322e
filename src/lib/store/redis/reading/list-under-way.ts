import type { Redis } from 'ioredis';
import type { RowProgress } from '../../../core/row/row-progress.ts';
import type { Keys } from '../../keys.ts';
import { unpackProgress } from '../packing/pack-progress.ts';

const PAGE = 500;

/** See `BatchStore.listUnderWay`. */
export async function* listUnderWay(
  redis: Redis,
  keys: Keys,
  batchId: string,
): AsyncGenerator<Map<number, RowProgress>> {
  const pages = redis.hscanStream(keys.underWay(batchId), { count: PAGE });
  for await (const fields of pages as AsyncIterable<string[]>) {
    const rows = fields.filter((_, index) => index % 2 === 0);
    const texts = fields.filter((_, index) => index % 2 === 1);
    if (rows.length === 0) continue;
    const handedBack = await redis.zmscore(keys.again(batchId), ...rows);
    const page = new Map<number, RowProgress>();
    rows.forEach((row, index) => {
      if (handedBack[index] == null) page.set(Number(row), unpackProgress(texts[index] ?? ''));
    });
    yield page;
  }
}
