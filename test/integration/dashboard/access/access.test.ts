import { pino } from 'pino';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Access } from '../../../../src/dashboard/auth/access.ts';
import { hashPassword } from '../../../../src/dashboard/auth/password-hash.ts';
import type { UserEntry } from '../../../../src/dashboard/auth/users.ts';
import { LiveHub } from '../../../../src/dashboard/live/live-hub.ts';
import type { DashboardPorts } from '../../../../src/dashboard/ports.ts';
import { listRoutes } from '../../../../src/dashboard/routes.ts';
import { withBatch } from '../../../contract/batch-store/examples.ts';
import { exampleSchedule } from '../../../setup/examples/schedule.ts';
import { basic, DashboardLab } from '../dashboard-lab.ts';

/** Cheap to check, so that the tests are quick. */
const COST = { N: 1_024, r: 8, p: 1 };
const PASSWORD = 'correct horse';
const VIEWER = basic('victor', PASSWORD);
const FROM_TLS = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' };

let users: UserEntry[];
beforeAll(async () => {
  const password = await hashPassword(PASSWORD, COST);
  users = [
    { name: 'olga', role: 'operator', password },
    { name: 'victor', role: 'viewer', password },
  ];
});

describe('cookie of a log-in', () => {
  const cookieOf = (response: Response): string => response.headers.get('set-cookie') ?? '';

  it('the cookie of a log-in is sent over TLS only, under one name, if a trusted proxy says that there is TLS', async () => {
    const lab = await DashboardLab.open({ users, trustsProxy: true });
    const answer = await lab.logIn('olga', PASSWORD, FROM_TLS);
    expect(answer.status).toBe(303);
    expect(cookieOf(answer)).toMatch(/^__Host-kling_sessions=[\w-]{43}; /);
    for (const mark of ['Secure', 'HttpOnly', 'SameSite=Lax', 'Path=/']) {
      expect(cookieOf(answer).split('; ')).toContain(mark);
    }
    expect(answer.headers.get('strict-transport-security')).toContain('max-age=');
    const [cookie = ''] = cookieOf(answer).split(';');
    const page = await lab.ask('/api/v1/gate', 'GET', undefined, { cookie, ...FROM_TLS });
    expect(page.status).toBe(200);
  });

  it('the cookie of a log-in is plain without TLS, or if anyone could claim that there was TLS', async () => {
    for (const [trustsProxy, headers] of [
      [true, {}],
      [false, { ...FROM_TLS, 'sec-fetch-site': 'same-origin' }],
    ] as const) {
      const lab = await DashboardLab.open({ users, trustsProxy });
      const answer = await lab.logIn('olga', PASSWORD, headers);
      expect(cookieOf(answer)).toMatch(/^kling_sessions=/);
      expect(cookieOf(answer)).not.toContain('Secure');
      expect(cookieOf(answer)).toContain('HttpOnly');
      expect(answer.headers.get('strict-transport-security')).toBeNull();
    }
  });

  it('the cookie of a log-in is not accepted with the form of another page', async () => {
    const lab = await DashboardLab.open({ users, trustsProxy: true });
    for (const origin of ['https://elsewhere.example', lab.url, 'null']) {
      const answer = await lab.logIn('olga', PASSWORD, { ...FROM_TLS, origin });
      expect([origin, answer.status]).toEqual([origin, 403]);
    }
  });
});

describe('log-in', () => {
  it('a log-in must wait after ten wrong passwords from one address; other addresses need not', async () => {
    let nowMs = Date.now();
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line) => lines.push(line) });
    const lab = await DashboardLab.open({ users, trustsProxy: true, now: () => nowMs, log });
    const from = (address: string) => ({ 'x-forwarded-for': address });
    for (let count = 0; count < 10; count += 1) {
      const wrong = await lab.logIn('olga', `guess ${count}`, from('203.0.113.9'));
      expect(wrong.status).toBe(401);
    }
    const tooMany = await lab.logIn('olga', PASSWORD, from('203.0.113.9'));
    expect([tooMany.status, await tooMany.text()]).toEqual([
      429,
      expect.stringContaining('Too many tries. Try again in 15 min.'),
    ]);
    expect(Number(tooMany.headers.get('retry-after'))).toBeGreaterThan(890);
    const program = { ...basic('olga', PASSWORD), ...from('203.0.113.9') };
    const refused = await lab.ask('/api/v1/gate', 'GET', undefined, program);
    expect([refused.status, await refused.json()]).toEqual([
      429,
      { error: { code: 'throttled', message: 'Too many tries. Try again in 15 min.' } },
    ]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(890);
    expect((await lab.ask('/healthz', 'GET', undefined, program)).status).toBe(200);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { msg: 'too many log-ins failed', network: '203.0.113.9' },
    ]);

    expect((await lab.logIn('olga', PASSWORD, from('203.0.113.10'))).status).toBe(303);
    nowMs += 15 * 60_000;
    expect((await lab.logIn('olga', PASSWORD, from('203.0.113.9'))).status).toBe(303);
  });

  it('a log-in of a program must wait after ten wrong passwords, too', async () => {
    const lab = await DashboardLab.open({ users });
    const ask = (password: string) =>
      lab.ask('/api/v1/gate', 'GET', undefined, basic('olga', password));
    expect((await ask(PASSWORD)).status).toBe(200);
    for (let count = 0; count < 10; count += 1) {
      expect((await ask(`guess ${count}`)).status).toBe(401);
    }
    expect((await ask('guess 11')).status).toBe(429);
    // A password that was right a moment ago is remembered, and does not count as a guess.
    expect((await ask(PASSWORD)).status).toBe(200);
  });
});

/** Every route that changes something, and those that show what only operators may see. */
const FOR_OPERATORS = [
  'POST /api/v1/batches/batch-1/pause',
  'POST /api/v1/batches/batch-1/resume',
  'POST /api/v1/batches/batch-1/cancel',
  'POST /api/v1/batches/batch-1/retry',
  'POST /api/v1/batches/batch-1/refresh',
  'PUT /api/v1/batches/batch-1/max-sessions',
  'PUT /api/v1/batches/batch-1/keep-alive',
  'PUT /api/v1/batches/batch-1/priority',
  'POST /api/v1/bulk-actions',
  'POST /api/v1/bulk-actions/any/start',
  'POST /api/v1/bulk-actions/any/stop',
  'POST /bulk-actions',
  'POST /bulk-actions/any/start',
  'POST /bulk-actions/any/stop',
  'POST /api/v1/gate/open',
  'PUT /api/v1/limits',
  'PUT /api/v1/schedules/nightly',
  'POST /api/v1/schedules/nightly/run',
  'POST /api/v1/schedules/nightly/pause',
  'POST /api/v1/schedules/nightly/resume',
  'DELETE /api/v1/schedules/nightly',
  'POST /api/v1/uploads',
  'GET /api/v1/uploads/any',
  'POST /api/v1/uploads/any/start',
  'DELETE /api/v1/uploads/any',
  'POST /batches/batch-1/pause',
  'POST /batches/batch-1/resume',
  'POST /batches/batch-1/cancel',
  'POST /batches/batch-1/retry',
  'POST /batches/batch-1/refresh',
  'POST /batches/batch-1/max-sessions',
  'POST /batches/batch-1/keep-alive',
  'POST /batches/batch-1/priority',
  'GET /schedules/-/new',
  'POST /schedules/-/new',
  'GET /schedules/-/times',
  'GET /schedules/nightly/edit',
  'POST /schedules/nightly/edit',
  'POST /schedules/nightly/run',
  'POST /schedules/nightly/pause',
  'POST /schedules/nightly/resume',
  'POST /schedules/nightly/remove',
  'POST /limits',
  'POST /gate/open',
  'GET /tokens',
  'POST /tokens',
  'POST /tokens/nightly/revoke',
  'GET /upload',
  'POST /upload',
  'GET /upload/any',
  'POST /upload/any/start',
  'POST /upload/any/discard',
];

const named = (path: string): string =>
  path
    .replace(/^\/upload\/:id|:upload|:action/, (param) => param.replace(/:.*/, 'any'))
    .replace(':id', 'batch-1')
    .replace(':name', 'nightly');

describe('viewer', () => {
  it('a viewer is refused each of these changes by the server, and nothing changes', async () => {
    const lab = await DashboardLab.open({ users });
    await withBatch(lab.bench.store, 3);
    await lab.schedules.set(exampleSchedule(), Date.now());
    const look = async () => [
      await lab.bench.batch(),
      await lab.schedules.list(),
      await lab.bench.steering.readHistory('batch-1'),
      await lab.audit.read(9),
    ];
    const before = await look();
    for (const route of FOR_OPERATORS) {
      const [method = '', path = ''] = route.split(' ');
      const answer = await lab.ask(path, method, method === 'GET' ? undefined : {}, VIEWER);
      expect([route, answer.status, await answer.json()]).toEqual([
        route,
        403,
        { error: { code: 'viewer', message: expect.stringContaining('victor may view') } },
      ]);
    }
    expect(await look()).toEqual(before);
  });

  it("a viewer can request no other route: the list marks operators' routes", () => {
    const known = listRoutes({} as DashboardPorts, { kind: 'login' } as Access, new LiveHub(1_000))
      .filter(({ access }) => access === 'operator')
      .map(({ method, path }) => `${method} ${named(path)}`);
    expect(FOR_OPERATORS.toSorted()).toEqual(known.toSorted());
  });

  it('a viewer is not sent to a page that is for operators', async () => {
    const lab = await DashboardLab.open({ users });
    const look = async (who: Record<string, string>) =>
      await (await lab.ask('/batches', 'GET', undefined, { ...who, accept: 'text/html' })).text();
    expect(await look(VIEWER)).toContain('An operator can upload a manifest');
    expect(await look(VIEWER)).not.toContain('href="/upload"');
    expect(await look(basic('olga', PASSWORD))).toContain('href="/upload"');
  });

  it('a viewer sees the pages', async () => {
    const lab = await DashboardLab.open({ users });
    await withBatch(lab.bench.store, 3);
    await lab.schedules.set(exampleSchedule(), Date.now());
    for (const path of [
      '/',
      '/batches',
      '/batches/batch-1',
      '/batches/batch-1/rows',
      '/bulk-actions',
      '/batches/batch-1/rows/2',
      '/batches/batch-1/report.csv',
      '/schedules',
      '/schedules/nightly',
      '/limits',
      '/queues',
      '/metrics',
    ]) {
      const answer = await lab.ask(path, 'GET', undefined, { ...VIEWER, accept: 'text/html' });
      expect([path, answer.status]).toEqual([path, 200]);
      expect(await answer.text()).not.toContain('method="post"');
    }
  });
});
