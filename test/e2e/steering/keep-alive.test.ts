import { Redis } from 'ioredis';
import { Webhook } from 'standardwebhooks';
import { describe, expect, vi } from 'vitest';
import { sourceOf } from '../../../src/lib/core/manifest/check-row.ts';
import { createKeys } from '../../../src/lib/store/keys.ts';
import { RedisBatchStore } from '../../../src/lib/store/redis/redis-batch-store.ts';
import { RedisSessionRenewals } from '../../../src/lib/store/redis/renewing/redis-session-renewals.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../setup/webhook-receiver.ts';
import { klingManifest, test, type Workplace } from '../e2e-test.ts';

const ROWS = 10;
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

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

  /** Lets all sessions expire in so many minutes, as if the day had nearly passed. */
  async letTimePass(minutes = 15): Promise<void> {
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
      const session = { ...found.session, expiresAtMs: Date.now() + minutes * 60_000 };
      const change = { found, next: { ...found, session } };
      expect(await renewals.renew(batch, row.row, change, source)).toEqual({ kind: 'renewed' });
    }
  }

  async read(): Promise<StoredRow[]> {
    const outcomes = await this.#store.readOutcomes('kept', 0);
    return [...outcomes.values()].map(({ session, possibleOrphans = 0 }) => ({
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

/** The notices that a receiver got; throws when a signature is wrong. */
function noticesOf({
  received,
}: WebhookReceiver): { type: string; data: Record<string, unknown> }[] {
  const webhook = new Webhook(SECRET);
  return received.map(
    ({ headers, body }) =>
      webhook.verify(body, headers as Record<string, string>) as ReturnType<
        typeof noticesOf
      >[number],
  );
}

async function importKept(place: Workplace, ...flags: string[]): Promise<void> {
  await place.write('clips.csv', klingManifest(ROWS));
  const imported = await place.cli(['import', 'clips.csv', '--batch', 'kept', '--wait', ...flags]);
  expect(imported.exitCode).toBe(0);
}

describe('--keep-alive', () => {
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

  test.for([
    {
      name: 'the sessions of the day are used up',
      flags: [],
      perDay: '10',
      otherExits: 4,
      reason: /^Its sessions are not renewed: The 10 sessions of this day \(SESSIONS_PER_DAY\)/,
      help: ['gate', 'set', '--sessions-per-day', '21'],
    },
    {
      name: 'its own sessions are used up',
      flags: ['--max-sessions', '10'],
      perDay: 'off',
      otherExits: 0,
      reason: /^The 10 sessions that --max-sessions allows are used/,
      help: ['batches', 'set-max-sessions', 'kept', '20'],
    },
  ])(
    'a webhook is told once that sessions expire because $name, and they are renewed after all',
    async ({ flags, perDay, otherExits, reason, help }, { place }) => {
      await using receiver = await startWebhookReceiver();
      const redis = await place.redis();
      const api = await place.api();
      Object.assign(place.env, {
        NOTIFY_URL: receiver.url,
        NOTIFY_SECRET: SECRET,
        NOTIFY_ALLOW_HOSTS: receiver.host,
        SESSIONS_PER_DAY: perDay,
      });
      place.start(['worker']);
      await importKept(place, '--keep-alive', '3d', ...flags);
      using kept = new Kept(redis.url);
      const first = await kept.read();
      // Where the day is used up, this closes the gate.
      await place.write('other.csv', klingManifest(1));
      const other = await place.cli(['import', 'other.csv', '--wait', '--exit-when-blocked']);
      expect(other.exitCode).toBe(otherExits);
      const callsBefore = api.calls.length;
      await kept.letTimePass(4);
      const expire = (): ReturnType<typeof noticesOf> =>
        noticesOf(receiver).filter(({ type }) => type === 'batch.sessions_expire');
      await vi.waitFor(() => expect(expire()).toHaveLength(1), { timeout: 90_000, interval: 100 });
      expect(api.calls).toHaveLength(callsBefore);
      expect((await place.cli(help)).exitCode).toBe(0);
      const second = await kept.untilAllOthers(first);
      expect(second.map(({ possibleOrphans }) => possibleOrphans)).toEqual(Array(ROWS).fill(0));
      await vi.waitFor(() => expect(api.calls).toHaveLength(2 * ROWS + 1));
      expect(expire()).toMatchObject([
        { data: { sessions: ROWS, reason: expect.stringMatching(reason), batch: { id: 'kept' } } },
      ]);
    },
  );
});
