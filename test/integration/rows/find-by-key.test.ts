import { describe, expect } from 'vitest';
import type { Outcome } from '../../../src/lib/core/row/outcome.ts';
import { findByKey } from '../../../src/lib/rows/find-by-key.ts';
import type { ImportOptions } from '../../../src/producer/import-options.ts';
import { type Producer, test } from '../producer/producer-test.ts';

const NOW_MS = Date.UTC(2026, 4, 31, 12);
const HOUR_MS = 3_600_000;

const session = (id: string, hoursLeft: number): Partial<Outcome> => ({
  session: { id, expiresAtMs: NOW_MS + hoursLeft * HOUR_MS },
});

/** A manifest with one row for each of these keys. */
const table = (...skus: string[]): string =>
  ['sku,lang,video_url', ...skus.map((sku, n) => `${sku},en,https://a.example/${n}.mp4`)].join(
    '\n',
  );

const bySku = (batchId: string, others: Partial<ImportOptions> = {}): Partial<ImportOptions> => ({
  batchId,
  key: ['sku'],
  ...others,
});

/** What is found, as `batch/row`; a star for a live session. */
async function find(producer: Producer, key: string, limit = 20): Promise<string[]> {
  const { matches } = await findByKey(producer, key, { limit, nowMs: NOW_MS });
  return matches.map(
    ({ batch, entry, isAlive }) => `${batch.id}/${entry.row.row}${isAlive ? '*' : ''}`,
  );
}

describe('finding a row by its own key', () => {
  test('live sessions come first, the longest life first; then the newest batch', async ({
    producer,
  }) => {
    for (const id of ['monday', 'tuesday', 'wednesday', 'thursday', 'friday']) {
      await producer.importNew(table('SKU-1', 'SKU-2', id), bySku(id));
    }
    await producer.end('monday', 1, session('s1', 20));
    await producer.end('tuesday', 1, session('s2', 23));
    await producer.end('wednesday', 1, session('s3', -1));
    await producer.end('friday', 1, { status: 'failed', error: { code: 'x', message: 'y' } });
    const found = await find(producer, ' SKU-1 ');
    expect(found.slice(0, 2)).toEqual(['tuesday/1*', 'monday/1*']);
    expect(found.slice(2).toSorted()).toEqual(['friday/1', 'thursday/1', 'wednesday/1']);
    expect(await find(producer, 'sku-1')).toEqual([]);
    expect(await find(producer, 'SKU-1', 1)).toEqual(['tuesday/1*']);
    expect(await find(producer, 'monday')).toEqual(['monday/3']);
  });

  test('every row of a batch that spans several chunks is found', async ({ producer }) => {
    const skus = Array.from({ length: 1_234 }, (_, n) => `SKU-${n + 1}`);
    await producer.importNew(table(...skus), bySku('many'));
    for (const row of [1, 2, 499, 500, 501, 1_000, 1_001, 1_234]) {
      expect(await find(producer, `SKU-${row}`)).toEqual([`many/${row}`]);
    }
    expect(await find(producer, 'SKU-1235')).toEqual([]);
  });

  test('the values of several columns are joined by commas', async ({ producer }) => {
    await producer.importNew(table('SKU-1', 'SKU-2'), bySku('two', { key: ['LANG', 'sku'] }));
    expect(await find(producer, 'en,SKU-2')).toEqual(['two/2']);
    expect(await find(producer, 'SKU-2')).toEqual([]);
  });

  test('rows that share a key are all found, up to the limit', async ({ producer }) => {
    await producer.importNew(table('A', 'B', 'A', 'A'), bySku('shared'));
    expect(await find(producer, 'A')).toEqual(['shared/1', 'shared/3', 'shared/4']);
    const two = await findByKey(producer, 'A', { limit: 2, nowMs: NOW_MS });
    expect(two).toMatchObject({ next: { row: 3 }, isCutOff: false, matches: [{}, {}] });
  });

  test('a key that only later objects of a JSONL manifest have is found', async ({ producer }) => {
    const lines = Array.from({ length: 600 }, (_, n) => {
      const own = n < 550 ? {} : { 'Order No': 10_000 + n };
      return JSON.stringify({ video_url: `https://a.example/${n}.mp4`, ...own });
    });
    const options = { batchId: 'lines', key: ['order no'] };
    await producer.importNew(lines.join('\n'), options);
    expect(await find(producer, '10599')).toEqual(['lines/600']);
  });

  test('a batch without a key is found once it is imported again with one', async ({
    producer,
  }) => {
    const text = table('SKU-1', 'SKU-2');
    await producer.importNew(text, { batchId: 'plain' });
    expect(await find(producer, 'SKU-2')).toEqual([]);
    await producer.importNew(text, bySku('plain'));
    expect(await find(producer, 'SKU-2')).toEqual(['plain/2']);
    await producer.importNew(text, bySku('plain', { key: ['lang'] }));
    expect(await find(producer, 'SKU-2')).toEqual([]);
    expect(await find(producer, 'en')).toEqual(['plain/1', 'plain/2']);
  });

  test('importing again restores an index of which Redis has lost a part', async ({ producer }) => {
    const text = table('SKU-1');
    await producer.importNew(text, bySku('torn'));
    await producer.redis.del(producer.keys.keyIndex('torn', 0));
    expect(await find(producer, 'SKU-1')).toEqual([]);
    await producer.importNew(text, bySku('torn'));
    expect(await find(producer, 'SKU-1')).toEqual(['torn/1']);
  });

  test('nothing of a removed batch is found or left', async ({ producer }) => {
    await producer.importNew(table('SKU-1'), bySku('old'));
    await producer.importNew(table('SKU-1', 'SKU-2'), bySku('new'));
    const batch = await producer.store.readBatch('old');
    if (batch === null) throw new Error('no batch');
    await producer.steering.remove(batch, NOW_MS);
    expect(await find(producer, 'SKU-1')).toEqual(['new/1']);
    expect(await producer.redis.keys(producer.keys.keyIndex('old', 0))).toEqual([]);
    expect(await producer.redis.zrange(producer.keys.keyed, 0, '-1')).toEqual(['new']);
  });

  test('a key column that the manifest does not have is refused before anything is stored', async ({
    producer,
  }) => {
    const importing = producer.import(table('SKU-1'), { batchId: 'none', key: ['skuu'] });
    await expect(importing).rejects.toThrow('has no column "skuu" for the key');
    expect(await producer.store.readBatch('none')).toBeNull();
  });
});
