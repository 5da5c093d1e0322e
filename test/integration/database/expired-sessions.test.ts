import { expect, it } from 'vitest';
import type { Outcome } from '../../../src/lib/core/row/outcome.ts';
import { outcome, ref, withBatch } from '../../contract/batch-store/examples.ts';
import { HOUR_MS, keptFrom, NOW_MS, opened } from '../store/steering-bench.ts';
import { DatabaseLab, describeWithPostgres, serverForFile } from './database-lab.ts';

const server = serverForFile();

const EXPIRED_MS = NOW_MS + 25 * HOUR_MS;

const revisionsOf = async (lab: DatabaseLab): Promise<bigint[]> => {
  const rows = await lab.select<{ revision: string }>('revision', 'results ORDER BY row_number');
  return rows.map(({ revision }) => BigInt(revision));
};

describeWithPostgres('an expired session', () => {
  it('an expiry raises the revision of its row, and of rows that repeat that row, and changes nothing else', async () => {
    await using lab = await DatabaseLab.open(server());
    const repeated: [number, Outcome] = [2, outcome({ status: 'duplicate', duplicateOf: 1 })];
    await withBatch(lab.bench.store, 3, [repeated]);
    await lab.bench.end(1, opened('session 1'));
    await lab.bench.end(3, outcome({ status: 'rejected' }));
    await lab.copy();
    const before = await revisionsOf(lab);

    await lab.bench.feed.announceExpired(EXPIRED_MS);

    expect(await lab.copy()).toBe(1);
    const [first, second, third] = await revisionsOf(lab);
    expect([first, second]).toEqual([4n, 4n]);
    expect(third).toBe(before[2]);
    expect(await lab.problems()).toEqual([]);
    expect(await lab.select('row_number', 'alive_sessions')).toHaveLength(2);
  });

  it('an expiry never replaces the next session, however often it is copied', async () => {
    await using lab = await DatabaseLab.open(server());
    const { store, steering, feed } = lab.bench;
    await withBatch(store, 1);
    await lab.bench.end(1, opened('first'));
    await feed.announceExpired(EXPIRED_MS);
    await lab.copy();
    await steering.reopenRows(ref('batch-1'), 0, await store.readOutcomes('batch-1', 0));
    await lab.bench.end(1, opened('next', 48 * HOUR_MS));
    await lab.copy();
    const last = await revisionsOf(lab);

    // A database that was restored from a back-up reads the expiry again.
    await lab.server.query(`UPDATE ${lab.schema}.feeds SET event = 2`);
    await lab.copy(lab.copierOf(lab.open()));

    expect(await lab.select('session_id', 'results')).toEqual([{ session_id: 'next' }]);
    expect(await revisionsOf(lab)).toEqual(last);
    expect(await lab.problems()).toEqual([]);
  });

  it('an expiry is copied once for each of many rows, though a writer ends between two pages', async () => {
    await using lab = await DatabaseLab.open(server());
    const rows = Array.from({ length: 5_000 }, (_, index) => index + 1);
    await withBatch(
      lab.bench.store,
      5_000,
      rows.map((row) => [row, keptFrom('night', row)]),
    );
    await lab.copy();
    await lab.bench.feed.announceExpired(EXPIRED_MS);

    const ending = new AbortController();
    const onCopied = async (): Promise<void> => ending.abort();
    await lab.copier.copyToEnd({ signal: ending.signal, onCopied });
    const inFirstPage = await lab.select('1', 'results WHERE revision = 11');

    expect(inFirstPage.length).toBeLessThan(5_000);
    expect(await lab.copy(lab.copierOf(lab.open()))).toBe(5_000 - inFirstPage.length);
    expect(new Set(await revisionsOf(lab))).toEqual(new Set([11n]));
  });
});
