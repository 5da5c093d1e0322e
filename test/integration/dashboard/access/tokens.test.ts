import { describe, expect, it } from 'vitest';
import type { Access } from '../../../../src/dashboard/auth/access.ts';
import { LiveHub } from '../../../../src/dashboard/live/live-hub.ts';
import type { DashboardPorts } from '../../../../src/dashboard/ports.ts';
import { listRoutes } from '../../../../src/dashboard/routes.ts';
import { issueToken } from '../../../../src/lib/tokens/issue-token.ts';
import { withBatch } from '../../../contract/batch-store/examples.ts';
import { DashboardLab } from '../dashboard-lab.ts';

const DAY_MS = 86_400_000;
const bearer = (text: string): Record<string, string> => ({ authorization: `Bearer ${text}` });

interface Wanted {
  name?: string;
  scope?: 'read' | 'operate';
  expires?: number | null;
  perMinute?: number;
}

const issue = (lab: DashboardLab, wanted: Wanted = {}): Promise<string> =>
  issueToken(
    { tokens: lab.tokens, audit: lab.audit, now: Date.now },
    { name: 'ci', scope: 'read', expires: null, perMinute: 600, ...wanted },
    { who: 'anna', reason: null },
  );

const codeOf = async (answer: Response): Promise<unknown> =>
  [answer.status, ((await answer.json()) as { error: { code: string } }).error.code] as const;

/** Every route that changes something, with example names. */
const changes = listRoutes({} as DashboardPorts, { kind: 'login' } as Access, new LiveHub(1_000))
  .filter(({ method, access }) => method !== 'GET' && access === 'operator')
  .map(({ method, path }) => ({
    method,
    path: path.replace(':id', 'batch-1').replace(':name', 'nightly').replace(':upload', 'any'),
  }));

describe('token with the scope read', () => {
  it('a token with the scope read reads the API and the metrics, and opens no page', async () => {
    const lab = await DashboardLab.open();
    const ci = bearer(await issue(lab));
    for (const path of ['/api/v1/batches', '/api/v1/gate', '/api/v1/openapi.json', '/metrics']) {
      expect([path, (await lab.ask(path, 'GET', undefined, ci)).status]).toEqual([path, 200]);
    }
    for (const path of ['/', '/tokens', '/batches', '/queues']) {
      const refused = await lab.ask(path, 'GET', undefined, ci);
      expect([path, await codeOf(refused)]).toEqual([path, [401, 'bad_token']]);
    }
  });

  it('a token with the scope read can change nothing, whatever it tries', async () => {
    const lab = await DashboardLab.open();
    await withBatch(lab.bench.store, 3);
    const ci = bearer(await issue(lab));
    const before = [await lab.bench.batch(), await lab.tokens.list()].map(withoutUse);
    for (const { method, path } of changes) {
      const refused = await lab.ask(path, method, {}, ci);
      const isOfApi = path.startsWith('/api/');
      expect([path, await codeOf(refused)]).toEqual([
        path,
        isOfApi ? [403, 'viewer'] : [401, 'bad_token'],
      ]);
    }
    expect([await lab.bench.batch(), await lab.tokens.list()].map(withoutUse)).toEqual(before);
  });
});

const withoutUse = (value: unknown): string =>
  JSON.stringify(value).replaceAll(/"lastUsedAtMs":\d+/g, '"lastUsedAtMs":null');

describe('token with the scope operate', () => {
  it('a token with the scope operate acts on a batch, and the history names it', async () => {
    const lab = await DashboardLab.open();
    await withBatch(lab.bench.store, 3);
    const nightly = bearer(await issue(lab, { name: 'nightly', scope: 'operate' }));
    const paused = await lab.ask('/api/v1/batches/batch-1/pause', 'POST', {}, nightly);
    expect([paused.status, await paused.json()]).toEqual([200, { state: 'paused' }]);
    const [entry] = await lab.bench.steering.readHistory('batch-1');
    expect(entry?.who).toBe('token nightly');
  });

  it('a token with the scope operate can neither create nor revoke tokens', async () => {
    const lab = await DashboardLab.open();
    const own = bearer(await issue(lab, { scope: 'operate' }));
    for (const path of ['/tokens', '/tokens/ci/revoke']) {
      const form = { ...own, 'content-type': 'application/x-www-form-urlencoded' };
      const refused = await lab.send(path, form, 'name=other&scope=operate');
      expect(refused.status).not.toBe(200);
      expect(refused.status).not.toBe(303);
    }
    expect((await lab.tokens.list()).map(({ name }) => name)).toEqual(['ci']);
  });
});

describe('a token is refused', () => {
  it('a token is refused at once after it was revoked', async () => {
    const lab = await DashboardLab.open();
    const ci = bearer(await issue(lab));
    expect((await lab.ask('/api/v1/gate', 'GET', undefined, ci)).status).toBe(200);
    await lab.submit('/tokens', '/tokens/ci/revoke', {});
    expect(await codeOf(await lab.ask('/api/v1/gate', 'GET', undefined, ci))).toEqual([
      401,
      'bad_token',
    ]);
    const said = (await lab.audit.read(9)).map(({ who, what }) => `${who} ${what}`);
    expect(said).toEqual([
      'anna revoked the token ci',
      'anna created the token ci with the scope read',
    ]);
  });

  it('when it has expired', async () => {
    let nowMs = Date.now();
    const lab = await DashboardLab.open({ now: () => nowMs });
    const ci = bearer(await issue(lab, { expires: DAY_MS }));
    expect((await lab.ask('/api/v1/gate', 'GET', undefined, ci)).status).toBe(200);
    nowMs += DAY_MS + 1_000;
    const refused = await lab.ask('/api/v1/gate', 'GET', undefined, ci);
    expect([refused.status, await refused.json()]).toEqual([
      401,
      {
        error: { code: 'bad_token', message: 'The token ci has expired. Create another one.' },
      },
    ]);
  });

  it('when its secret is that of another token, is cut, or is not a token at all', async () => {
    const lab = await DashboardLab.open();
    const ci = await issue(lab);
    const other = await issue(lab, { name: 'other', scope: 'operate' });
    for (const text of [
      ci.replace('ks_ci_', 'ks_other_'),
      other.replace('ks_other_', 'ks_ci_'),
      ci.slice(0, -1),
      `${ci}x`,
      'ks_',
      'x'.repeat(5_000),
    ]) {
      const refused = await lab.ask('/api/v1/gate', 'GET', undefined, bearer(text));
      expect(await codeOf(refused)).toEqual([401, 'bad_token']);
    }
  });

  it('after its requests of a minute, while other tokens are served', async () => {
    const nowMs = Date.UTC(2026, 10, 29, 3, 0, 20);
    const lab = await DashboardLab.open({ now: () => nowMs });
    const busy = bearer(await issue(lab, { name: 'busy', perMinute: 3 }));
    const calm = bearer(await issue(lab, { name: 'calm' }));
    const ask = async (who: Record<string, string>) =>
      await lab.ask('/api/v1/gate', 'GET', undefined, who);
    for (let count = 0; count < 3; count += 1) expect((await ask(busy)).status).toBe(200);
    const refused = await ask(busy);
    expect(refused.headers.get('retry-after')).toBe('40');
    expect(await codeOf(refused)).toEqual([429, 'too_many_requests']);
    expect((await ask(calm)).status).toBe(200);
  });
});

describe('page of tokens', () => {
  it('the page of tokens shows a new token once, then only its name and last use', async () => {
    const lab = await DashboardLab.open();
    const created = await lab.submit('/tokens', '/tokens', {
      name: 'ci',
      scope: 'read',
      expires: '90d',
      perMinute: '60',
    });
    const [, text = ''] = /id="new-token">([^<]+)</.exec(await created.text()) ?? [];
    expect(text).toMatch(/^ks_ci_[\w-]{43}$/);
    expect((await lab.ask('/api/v1/gate', 'GET', undefined, bearer(text))).status).toBe(200);
    const later = await (await lab.look('/tokens')).text();
    expect(later).not.toContain(text);
    expect(later).toContain('by anna');
    expect(later).not.toContain('never');
    const [{ lastUsedAtMs, expiresAtMs, createdAtMs, perMinute }] = (await lab.tokens.list()) as [
      Awaited<ReturnType<typeof lab.tokens.list>>[number],
    ];
    expect(lastUsedAtMs).toBeGreaterThanOrEqual(createdAtMs);
    expect([expiresAtMs, perMinute]).toEqual([createdAtMs + 90 * DAY_MS, 60]);
  });

  it('the page of tokens says what is wrong and keeps what was written', async () => {
    const lab = await DashboardLab.open();
    await issue(lab);
    for (const [fields, sentence] of [
      [{ name: 'ci', scope: 'read' }, 'There is a token ci already.'],
      [{ name: 'c i', scope: 'read' }, 'Use 1 to 40 letters, digits, dots and dashes'],
      [{ name: 'next', scope: 'all' }, 'Allowed choices are read, operate.'],
      [{ name: 'next', scope: 'read', expires: '5s' }, 'Use a duration from 1m to 3650d'],
      [{ name: 'next', scope: 'read', perMinute: '0' }, 'Use a whole number from 1 to 100000.'],
    ] as const) {
      const refused = await lab.submit('/tokens', '/tokens', fields);
      expect(refused.status).toBe(400);
      const shown = await refused.text();
      expect(shown).toContain(sentence);
      expect(shown).toContain(`value="${fields.name}"`);
    }
    expect(await lab.tokens.list()).toHaveLength(1);
  });
});

describe('Redis', () => {
  it('Redis holds no secret of a token', async () => {
    const lab = await DashboardLab.open();
    const text = await issue(lab);
    const kept = await lab.bench.redis.hgetall(lab.bench.keys.tokens);
    expect(JSON.stringify(kept)).not.toContain(text.slice('ks_ci_'.length));
  });
});
