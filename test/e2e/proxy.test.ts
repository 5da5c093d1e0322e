import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { describe, expect } from 'vitest';
import { startConnectProxy } from '../setup/connect-proxy.ts';
import { klingManifest, test, type Workplace } from './e2e-test.ts';

interface Certificate {
  key: string;
  cert: string;
}

interface Front extends AsyncDisposable {
  port: number;
}

/** A certificate for `api.test` and 127.0.0.1, which the commands of `place` trust. */
async function certify(place: Workplace): Promise<Certificate> {
  const altNames = [
    { type: 2 as const, value: 'api.test' },
    { type: 7 as const, ip: '127.0.0.1' },
  ];
  const made = await generate([{ name: 'commonName', value: 'api.test' }], {
    extensions: [{ name: 'subjectAltName', altNames }],
  });
  await place.write('ca.pem', made.cert);
  place.env.NODE_EXTRA_CA_CERTS = place.path('ca.pem');
  return { key: made.private, cert: made.cert };
}

/** TLS in front of what listens at an address of this machine. */
async function startTls(certificate: Certificate, origin: string): Promise<Front> {
  const open = new Set<TLSSocket>();
  const server = createServer(certificate, (socket) => {
    open.add(socket);
    const far = connect(Number(new URL(origin).port), '127.0.0.1');
    socket.on('error', () => far.destroy()).on('close', () => far.destroy());
    far.on('error', () => socket.destroy());
    socket.pipe(far).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A server with one file at every path. */
async function startFile(content: string): Promise<AsyncDisposable & { origin: string }> {
  const server = createHttpServer((_asked, response) => response.end(content));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

describe.concurrent('a proxy', () => {
  test('carries calls and manifests over TLS, with its password, and never a probe', async ({
    place,
  }) => {
    await place.redis();
    const api = await place.api();
    const videos = await place.videos();
    const clip = videos.urlOf('good.mp4');
    const manifest = `video_url,video_id,task_id\n${clip},,\n,100000000000000001,100000000000000002\n`;
    await using files = await startFile(manifest);
    const certificate = await certify(place);
    await using tls = await startTls(certificate, api.baseUrl);
    await using filesTls = await startTls(certificate, files.origin);
    await using proxy = await startConnectProxy({ names: ['api.test'], credentials: 'me:geheim' });

    const env = {
      https_proxy: `me:geheim@${proxy.host}`,
      HTTP_PROXY: `http://${proxy.host}`,
      API_BASE_URL: `https://api.test:${tls.port}/kling`,
    };
    const address = `https://api.test:${filesTls.port}/clips.csv`;
    const run = await place.cli(['run', address, '--out', 'out.csv', '--log-level', 'debug'], {
      env,
    });

    expect(run).toMatchObject({ exitCode: 0 });
    const report = await place.report('out.csv');
    expect(report.map((row) => row.kling_status)).toEqual(['succeeded', 'succeeded']);
    expect(api.calls).toHaveLength(2);
    expect(new Set(proxy.tunnels)).toEqual(
      new Set([`api.test:${filesTls.port}`, `api.test:${tls.port}`]),
    );
    expect(proxy.forwarded).toEqual([]);
    expect(proxy.tunnelled()).not.toContain('test-key');
    expect(`${run.stdout}${run.stderr}`).not.toContain('geheim');
  });

  test('checks the certificate of an address, and is bypassed by NO_PROXY', async ({ place }) => {
    await place.redis();
    const api = await place.api();
    await using tls = await startTls(await certify(place), api.baseUrl);
    await using proxy = await startConnectProxy();
    await place.write('clips.csv', klingManifest(1));
    const env = {
      HTTPS_PROXY: `http://${proxy.host}`,
      API_BASE_URL: `https://127.0.0.1:${tls.port}/kling`,
    };
    expect(await place.cli(['run', 'clips.csv'], { env })).toMatchObject({ exitCode: 0 });
    expect(proxy.tunnels).toEqual([`127.0.0.1:${tls.port}`]);

    await place.write('more.csv', klingManifest(2));
    const spared = { ...env, no_proxy: '127.0.0.0/8' };
    expect(await place.cli(['run', 'more.csv'], { env: spared })).toMatchObject({ exitCode: 0 });
    expect(proxy.tunnels).toHaveLength(1);
    expect(api.calls).toHaveLength(3);
  });

  test('that refuses blocks the gate; an address that is not a proxy is reported at once', async ({
    place,
  }) => {
    await place.redis();
    await using proxy = await startConnectProxy({ status: 403 });
    await place.api();
    await place.write('clips.csv', klingManifest(1));
    const env = { HTTPS_PROXY: proxy.host, API_BASE_URL: 'https://api.test/kling' };
    const worker = place.start(['worker'], { env });
    await place.cli(['import', 'clips.csv', '--batch', 'clips'], { env });
    await worker.waitForText('gate blocked');
    const { stdout } = await place.cli(['gate'], { env });
    expect(stdout).toContain(`the proxy ${proxy.host} does not allow api.test:443 (HTTP 403)`);

    const socks = await place.cli(['gate'], { env: { HTTPS_PROXY: 'socks5://me:geheim@p.test' } });
    expect(socks.exitCode).toBe(2);
    expect(socks.stderr).toContain(
      'HTTPS_PROXY: its value is not usable: must be the address of an HTTP proxy',
    );
    expect(socks.stderr).not.toContain('geheim');
  });

  test('is shown by doctor, without its password', async ({ place }) => {
    const env = { https_proxy: 'http://me:geheim@proxy.test:3128' };
    const { stdout } = await place.cli(['doctor'], { env });
    expect(stdout).toMatch(
      /proxy +calls reach api\.cometapi\.com through proxy\.test:3128; .* never to probing/,
    );
    expect(stdout).not.toContain('geheim');
    expect((await place.cli(['doctor'])).stdout).toMatch(/proxy +none/);
  });
});
