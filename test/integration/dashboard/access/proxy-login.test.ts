import { describe, expect, it } from 'vitest';
import { ProxyLogin } from '../../../../src/dashboard/auth/proxy-login.ts';
import { parseTrustedProxies } from '../../../../src/lib/network/trusted-proxies.ts';
import { withBatch } from '../../../contract/batch-store/examples.ts';
import { DashboardLab } from '../dashboard-lab.ts';

const OPTIONS = {
  nameHeader: 'X-Forwarded-User',
  groupsHeader: 'X-Forwarded-Groups',
  operatorGroups: ['video-ops'],
  viewerGroups: ['staff'],
};

const open = (trusted: string, options: Partial<typeof OPTIONS> | { viewerGroups: null } = {}) =>
  DashboardLab.open({
    proxies: parseTrustedProxies(trusted),
    login: new ProxyLogin({ ...OPTIONS, ...options }),
  });

const as = (name: string, groups = ''): Record<string, string> => ({
  'x-forwarded-user': name,
  'x-forwarded-groups': groups,
});

/** Who the page says is logged in, or the code of the refusal. */
async function whoIs(lab: DashboardLab, headers: Record<string, string>): Promise<string> {
  const page = await lab.ask('/', 'GET', undefined, { ...headers, accept: 'text/html' });
  const [, who] =
    /<span>(.*?)<\/span>/s.exec((await page.text()).replaceAll(/<\/?small>/g, '')) ?? [];
  return page.status === 200 ? (who ?? '') : String(page.status);
}

describe('people who log in at a reverse proxy', () => {
  it('people who log in at a reverse proxy have the role of their groups', async () => {
    const lab = await open('127.0.0.1');
    expect(await whoIs(lab, as('anna@example.com', 'staff, video-ops'))).toContain('operator');
    expect(await whoIs(lab, as('victor', 'staff'))).toContain('viewer');
    expect(await whoIs(lab, as('mallory', 'guests,staff2'))).toBe('403');
    expect(await whoIs(lab, as('nobody'))).toBe('403');
  });

  it('people without groups at a reverse proxy are viewers if groups are set, and operators if every group is', async () => {
    const anyone = await open('127.0.0.1', { viewerGroups: null });
    expect(await whoIs(anyone, as('victor'))).toContain('viewer');
    const all = await open('127.0.0.1', { operatorGroups: ['*'] });
    expect(await whoIs(all, as('anna'))).toContain('operator');
  });

  it('people who log in at a reverse proxy are named in histories', async () => {
    const lab = await open('127.0.0.1');
    await withBatch(lab.bench.store, 3);
    const page = await lab.ask('/batches/batch-1', 'GET', undefined, {
      ...as('anna@example.com', 'video-ops'),
      accept: 'text/html',
    });
    const [cookie = ''] = (page.headers.get('set-cookie') ?? '').split(';');
    const [, csrf = ''] = /name="_csrf" value="([^"]+)"/.exec(await page.text()) ?? [];
    const headers = { ...as('anna@example.com', 'video-ops'), cookie };
    const without = await lab.ask('/api/v1/batches/batch-1/pause', 'POST', {}, headers);
    expect(without.status).toBe(403);
    const paused = await lab.ask(
      '/api/v1/batches/batch-1/pause',
      'POST',
      {},
      {
        ...headers,
        'x-csrf-token': csrf,
      },
    );
    expect(paused.status).toBe(200);
    const [entry] = await lab.bench.steering.readHistory('batch-1');
    expect(entry?.who).toBe('anna@example.com');
  });
});

describe('header of a reverse proxy', () => {
  it('the header of a reverse proxy counts from the addresses of the proxy only', async () => {
    const anna = as('anna', 'video-ops');
    expect(await whoIs(await open('192.0.2.0/24,10.0.0.5'), anna)).toBe('403');
    expect(await whoIs(await open('::1,127.0.0.0/8'), anna)).toContain('operator');
  });

  it('the header of a reverse proxy must be there, once, with a name that can be one', async () => {
    const lab = await open('127.0.0.1');
    for (const name of ['', 'token ci', 'anna, victor', 'a'.repeat(101), '<b>']) {
      const refused = await lab.ask('/api/v1/gate', 'GET', undefined, as(name, 'video-ops'));
      expect([name, refused.status, await refused.json()]).toMatchObject([
        name,
        403,
        { error: { code: 'not_by_proxy' } },
      ]);
    }
  });

  it('the header of a reverse proxy is not needed for the health check', async () => {
    const lab = await open('192.0.2.1');
    expect((await lab.ask('/healthz')).status).toBe(200);
  });
});
