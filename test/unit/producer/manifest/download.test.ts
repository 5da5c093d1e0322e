import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type OutgoingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import got from 'got';
import { afterEach, describe, expect, it } from 'vitest';
import { parseAllowHosts } from '../../../../src/lib/network/allow-hosts.ts';
import type { Guard } from '../../../../src/lib/network/guarded-lookup.ts';
import { startConnectProxy } from '../../../setup/connect-proxy.ts';
import { errorOf, readInput } from './manifest-fixture.ts';

const CONTENT = 'video_url,name\nhttps://x/1.mp4,名前\nhttps://x/2.mp4,"a\nb"\n';

describe('URL', () => {
  let server: Server | undefined;

  afterEach(() => server?.close());

  async function serve(
    status: number,
    body: string | Uint8Array,
    headers: OutgoingHttpHeaders = {},
  ): Promise<string> {
    server = createServer((_request, response) => response.writeHead(status, headers).end(body));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it('a URL is read like a file', async () => {
    const bytes = gzipSync(CONTENT);
    const origin = await serve(200, bytes);
    const manifest = await readInput(`${origin}/batches/my%20clips.csv.gz?sig=secret`);
    expect(manifest.rows.map((row) => row.cells[1])).toEqual(['名前', 'a\nb']);
    expect(manifest.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(manifest.name).toBe('my clips');
  });

  it('a URL is reported without its secrets if it cannot be read', async () => {
    const origin = await serve(403, 'no');
    const error = await errorOf(
      readInput(`${origin.replace('//', '//me:pass@')}/clips.csv?sig=secret`),
    );
    expect(error.code).toBe('download_failed');
    expect(error.message).toContain('403');
    expect(`${error.message} ${error.cause}`).not.toMatch(/secret|pass/);
  });

  it('a URL is reported if nothing listens there', async () => {
    const origin = await serve(200, '');
    server?.close();
    const error = await errorOf(readInput(`${origin}/clips.csv`));
    expect(error.message).toMatch(/clips\.csv cannot be read \(connection refused\); check/);
    expect(error.isTransient).toBe(true);
  });

  it.each([
    [403, 'download_failed', false],
    [404, 'not_found', false],
    [410, 'not_found', false],
    [429, 'download_failed', true],
    [503, 'download_failed', true],
  ])(
    'a URL that answers %i is reported: %s, and whether that may pass',
    async (status, code, isTransient) => {
      const error = await errorOf(readInput(`${await serve(status, 'no')}/clips.csv`));
      expect(error).toMatchObject({ code, isTransient });
      expect(error.message).toContain(`HTTP ${status}`);
    },
  );

  it('a URL that breaks off in the middle may be complete at the next attempt', async () => {
    const origin = await serve(200, CONTENT, { 'content-length': CONTENT.length * 9 });
    server?.on('request', (_request, response) => response.socket?.end());
    const error = await errorOf(readInput(`${origin}/clips.csv`));
    expect(error).toMatchObject({ code: 'download_failed', isTransient: true });
  });

  describe('with a proxy', () => {
    it('a URL behind a proxy is read through it, redirects included, except where none is needed', async () => {
      const origin = await serve(200, CONTENT);
      const { port } = new URL(origin);
      await using proxy = await startConnectProxy({ names: ['files.test'] });
      const findProxy = ({ hostname }: URL) =>
        hostname === 'files.test' ? new URL(`http://${proxy.host}`) : null;
      server?.removeAllListeners('request');
      server?.on('request', ({ url, headers }, response) => {
        const isMoved = url === '/clips.csv';
        const location = headers.host?.startsWith('files') ? `${origin}/there.csv` : '';
        response.writeHead(isMoved ? 302 : 200, { location }).end(isMoved ? '' : CONTENT);
      });
      const manifest = await readInput(`http://files.test:${port}/clips.csv`, { findProxy });
      expect(manifest.rows).toHaveLength(2);
      expect(proxy.forwarded).toEqual([`http://files.test:${port}/clips.csv`]);
    });

    it('a URL may be read later if its proxy is down, but not if the proxy refuses', async () => {
      await using proxy = await startConnectProxy({ status: 403 });
      const findProxy = () => new URL(`http://${proxy.host}`);
      const refused = await errorOf(readInput('https://files.test/clips.csv', { findProxy }));
      expect(refused).toMatchObject({ code: 'download_failed', isTransient: false });
      expect(refused.message).toContain('does not allow files.test:443 (HTTP 403)');
      await proxy[Symbol.asyncDispose]();
      const down = await errorOf(readInput('https://files.test/clips.csv', { findProxy }));
      expect(down).toMatchObject({ code: 'download_failed', isTransient: true });
    });
  });

  describe('with a guard', () => {
    const guard = (allowed: string): Guard => ({
      allowHosts: parseAllowHosts(allowed),
      allowedPorts: [80],
      resolveHost: async () => [{ address: '127.0.0.1', family: 4 }],
      allowSetting: 'MANIFEST_ALLOW_HOSTS',
    });

    it('a URL that a guard checks is not requested inside the network', async () => {
      const origin = await serve(200, CONTENT);
      const error = await errorOf(readInput(`${origin}/clips.csv`, { guard: guard('') }));
      expect(error).toMatchObject({ code: 'download_failed', isTransient: false });
      expect(error.message).toContain('add it to MANIFEST_ALLOW_HOSTS to allow it');
    });

    it('a URL that the list of the guard names is read', async () => {
      const { host } = new URL(await serve(200, CONTENT));
      const manifest = await readInput(`http://${host}/clips.csv`, { guard: guard(host) });
      expect(manifest.rows).toHaveLength(2);
    });

    it('a URL that a guard checks is not requested over an open connection of another client', async () => {
      const url = `${(await serve(200, CONTENT)).replace('127.0.0.1', 'localhost')}/clips.csv`;
      await got(url);
      const strict = { ...guard(''), allowedPorts: [Number(new URL(url).port)] };
      const error = await errorOf(readInput(url, { guard: strict }));
      expect(error.message).toContain('localhost (127.0.0.1) is not a public address');
    });

    it('a redirect may not lead inside the network', async () => {
      const { host } = new URL(await serve(302, '', { location: 'http://inside.example/' }));
      const error = await errorOf(readInput(`http://${host}/clips.csv`, { guard: guard(host) }));
      expect(error.message).toContain('inside.example (127.0.0.1) is not a public address');
    });
  });
});
