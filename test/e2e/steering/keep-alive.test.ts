import { Redis } from 'ioredis';
import { describe, expect, vi } from 'vitest';
import { sourceOf } from '../../../src/lib/core/manifest/check-row.ts';
import { createKeys } from '../../../src/lib/store/keys.ts';
import { RedisBatchStore } from '../../../src/lib/store/redis/redis-batch-store.ts';
import { RedisSessionRenewals } from '../../../src/lib/store/redis/renewing/redis-session-renewals.ts';
import { klingManifest, test, type Workplace } from '../e2e-test.ts';

const ROWS = 10;

interface StoredRow {
  session: string | undefined;
  possibleOrphans: number;
}

/** The rows of batch `kept` in Redis. */
class Kept implements Disposable {
  readonly #redis: Redis;
  readonly #store: RedisBatchStore;

  constructor(url: string) {
    this.#redis = new Redis(url);
    this.#store = new RedisBatchStore(this.#redis, createKeys());
  }

  /** Lets all sessions expire in a quarter of an hour, as if the day had nearly passed. */
  async letTimePass(): Promise<void> {
    const renewals = new RedisSessionRenewals(this.#redis, createKeys());
    const [batch, rows, outcomes] = await Promise.all([
      this.#store.readBatch('kept'),
      this.#store.readChunk('kept', 0),
      this.#store.readOutcomes('kept', 0),
    ]);
    for (const row of rows ?? []) {
      const found = outcomes.get(row.row);
      const source = batch && sourceOf(batch.shape, row);
      if (!batch || !source || !found?.session) throw new Error(`row ${row.row} has no session`);
      const session = { ...found.session, expiresAtMs: Date.now() + 15 * 60_000 };
      const change = { found, next: { ...found, session } };
      expect(await renewals.renew(batch, row.row, change, source)).toEqual({ kind: 'renewed' });
    }
  }

  /** By row; Redis has them in the order in which they ended. */
  async read(): Promise<StoredRow[]> {
    const outcomes = await this.#store.readOutcomes('kept', 0);
    const inOrder = [...outcomes].sort(([a], [b]) => a - b).map(([, outcome]) => outcome);
    return inOrder.map(({ session, possibleOrphans = 0 }) => ({
      session: session?.id,
      possibleOrphans,
    }));
  }

  /** Looks until no row has one of these sessions, at most 150 s. */
  async untilAllOthers(before: readonly StoredRow[]): Promise<StoredRow[]> {
    const old = new Set(before.map(({ session }) => session));
    return await vi.waitFor(
      async () => {
        const rows = await this.read();
        expect(rows.filter(({ session }) => session === undefined || old.has(session))).toEqual([]);
        return rows;
      },
      { timeout: 150_000, interval: 100 },
    );
  }

  [Symbol.dispose](): void {
    this.#redis.disconnect();
  }
}

async function importKept(place: Workplace, ...flags: string[]): Promise<void> {
  await place.write('clips.csv', klingManifest(ROWS));
  const imported = await place.cli(['import', 'clips.csv', '--batch', 'kept', '--wait', ...flags]);
  expect(imported.exitCode).toBe(0);
}

describe.concurrent('--keep-alive', () => {
  test('opens sessions anew before they expire, and tells whoever follows', async ({ place }) => {
    const redis = await place.redis();
    const api = await place.api();
    place.start(['worker']);
    await importKept(place, '--keep-alive', '3d');
    using kept = new Kept(redis.url);
    const first = await kept.read();
    const follower = place.start(['results', 'kept', '--follow']);
    await kept.letTimePass();

    const second = await kept.untilAllOthers(first);
    const verify = await place.cli(['verify', 'kept']);
    const row = await place.cli(['row', 'kept', '7', '--json']);
    const status = await place.cli(['status', 'kept']);
    const off = await place.cli(['batches', 'set-keep-alive', 'kept', 'off']);
    const followed = await follower.result();

    expect(api.calls).toHaveLength(2 * ROWS);
    expect(verify.exitCode).toBe(0);
    expect(JSON.parse(row.stdout)).toMatchObject({
      outcome: { session: { id: second[6]?.session } },
      earlier: [{ outcome: { session: { id: first[6]?.session } } }, {}],
    });
    expect(status.stdout).toMatch(/completed[\s\S]*kept alive until \d{4}-\d\d-\d\d/);
    expect(off.stdout).toBe('The sessions of kept are no longer kept alive.\n');
    expect(followed.exitCode).toBe(0);
    for (const { session } of second) expect(followed.stdout).toContain(session);
  });

  test('makes no call that is not counted when its worker is killed, and loses no session', async ({
    place,
  }) => {
    const redis = await place.redis();
    const api = await place.api();
    const doomed = place.start(['worker', '--api-concurrency', '4']);
    await importKept(place, '--keep-alive', '3d');
    using kept = new Kept(redis.url);
    const first = await kept.read();
    api.delayMs = 500;
    await kept.letTimePass();
    await api.waitForCalls(ROWS + 4);
    doomed.kill('SIGKILL');
    await doomed.result();
    expect((await kept.read()).every(({ session }) => session !== undefined)).toBe(true);

    api.delayMs = 0;
    place.start(['worker', '--api-concurrency', '4', '--retry-pause', '10ms']);
    const second = await kept.untilAllOthers(first);
    const orphans = second.reduce((sum, row) => sum + row.possibleOrphans, 0);
    const verify = await place.cli(['verify', 'kept']);

    expect(api.calls).toHaveLength(2 * ROWS + orphans);
    expect(orphans).toBeLessThanOrEqual(4);
    expect(verify).toMatchObject({
      exitCode: 0,
      stdout: `${ROWS} rows = ${ROWS} outcomes + 0 pending\n`,
    });
  });
});
