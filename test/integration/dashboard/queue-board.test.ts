import routes from '@bull-board/api/dist/routes.js';
import { expect, it } from 'vitest';
import { hashPassword } from '../../../src/dashboard/auth/password-hash.ts';
import { rowJobOf } from '../../../src/lib/queue/jobs.ts';
import { NoticeQueue } from '../../../src/lib/queue/notice-queue.ts';
import { ref } from '../../contract/batch-store/examples.ts';
import { basic, DashboardLab } from './dashboard-lab.ts';

const OPERATOR = basic('olga', 'correct horse');
const VIEWER = basic('victor', 'correct horse');

/** All functions of bull-board beyond looking, by name. */
const CHANGES = routes.appRoutes.api
  .filter(({ method }) => method !== 'get')
  .flatMap(({ method, route }) =>
    [route].flat().map((path) => [String(method).toUpperCase(), path]),
  );

async function withJob(): Promise<DashboardLab> {
  const password = await hashPassword('correct horse', { N: 1_024, r: 8, p: 1 });
  const lab = await DashboardLab.open({
    users: [
      { name: 'olga', role: 'operator', password },
      { name: 'victor', role: 'viewer', password },
    ],
  });
  const source = { kind: 'url' as const, videoUrl: 'https://videos.example/1.mp4' };
  await lab.queues.addRows('probe', [rowJobOf(ref('batch-1'), 1, source)]);
  return lab;
}

it('the board shows the queues, and loads everything from here', async () => {
  const lab = await withJob();
  const page = await lab.ask('/queues', 'GET', undefined, VIEWER);
  expect(page.status).toBe(200);
  const policy = page.headers.get('content-security-policy');
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toMatch(/script-src[^;]*unsafe/);
  const html = await page.text();
  expect(html).not.toContain('fonts.');
  const [script = ''] = /static\/js\/main[^"]+\.js/.exec(html) ?? [];
  expect((await lab.ask(`/queues/${script}`, 'GET', undefined, VIEWER)).status).toBe(200);
  const answer = await lab.ask('/queues/api/queues', 'GET', undefined, VIEWER);
  const { queues } = (await answer.json()) as { queues: { name: string; readOnlyMode: boolean }[] };
  expect(queues.map(({ name, readOnlyMode }) => [name, readOnlyMode])).toEqual([
    ['dispatch', true],
    ['probe', true],
    ['init-selection', true],
    ['notice', true],
    ['report', true],
    ['schedule', true],
  ]);
});

it('the board shows of a webhook only its host', async () => {
  const lab = await withJob();
  await using notices = new NoticeQueue(lab.bench.redis, lab.bench.keys);
  const url = 'https://user:pw@hooks.example:8443/services/T0/B0/token?key=secret#part';
  await notices.add({
    id: 'n',
    target: { url, format: 'slack' },
    body: '{"text":"http://a.example/x"}',
  });
  const path = '/queues/api/queues?activeQueue=notice&status=latest&page=1';
  const answer = await (await lab.ask(path, 'GET', undefined, VIEWER)).text();
  expect(answer).toContain('https://hooks.example:8443/…');
  expect(answer).not.toMatch(/token|secret|user:pw/);
});

it.each([
  ['/', "'none'", "'self'"],
  ['/api/v1/gate', "'none'", "'self'"],
  ['/queues', "'self'", "'self' 'unsafe-inline'"],
])(
  '%s is answered with a policy that loads nothing from elsewhere, base-uri %s and style-src %s',
  async (path, baseUri, styles) => {
    const lab = await withJob();
    const { headers } = await lab.ask(path, 'GET', undefined, VIEWER);
    const policy = `default-src 'none'; script-src 'self'; style-src ${styles}; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri ${baseUri}; frame-ancestors 'none'`;
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-security-policy': policy,
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    });
    expect(headers.get('strict-transport-security')).toBeNull();
  },
);

it("the list of refused routes holds bull-board's dangerous functions", () => {
  const paths = CHANGES.map(([, path]) => path);
  expect(paths).toContain('/api/queues/:queueName/empty');
  expect(paths).toContain('/api/queues/:queueName/obliterate');
  expect(paths).toContain('/api/queues/:queueName/clean/:queueStatus');
});

it.each([
  ['an operator', OPERATOR],
  ['a viewer', VIEWER],
])('the board refuses %s all of it, and the queue stays as it is', async (_, headers) => {
  const lab = await withJob();
  for (const [method = '', route = ''] of CHANGES) {
    const path = route
      .replace(':queueName', 'probe')
      .replace(':queueStatus', 'waiting')
      .replace(':jobId', 'batch-1-1')
      .replace(':schedulerId', 'any');
    for (const asked of [method, 'POST', 'PUT', 'PATCH', 'DELETE']) {
      const { status } = await lab.ask(`/queues${path}`, asked, {}, headers);
      expect([asked, path, status]).toEqual([asked, path, 404]);
    }
  }
  expect(await lab.queues.countJobs('probe')).toMatchObject({ wait: 1 });
  expect(await lab.bench.redis.hexists(`${lab.bench.prefix}:probe:meta`, 'paused')).toBe(0);
});
