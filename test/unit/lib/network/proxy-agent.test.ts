import type { Socket } from 'node:net';
import { describe, expect, it, test } from 'vitest';
import { bearerAuthorizer } from '../../../../src/lib/kling/authorizer.ts';
import { createKlingClient } from '../../../../src/lib/kling/create-kling-client.ts';
import type { CallResult } from '../../../../src/lib/kling/kling-client.ts';
import { type ConnectProxyOptions, startConnectProxy } from '../../../setup/connect-proxy.ts';
import { httpAnswer, rawServer } from '../kling/raw-server.ts';

const KEY = 'sk-very-secret-key';
const SUCCESS = httpAnswer(200, JSON.stringify({ code: 0, data: { session_id: 'S1' } }));

interface Options extends ConnectProxyOptions {
  baseUrl?: string;
  userInfo?: string;
  timeoutMs?: number;
}

/** Makes one call through its own proxy to `api.test`, which only the proxy can resolve. */
async function callThroughProxy({ baseUrl, userInfo = '', timeoutMs = 2_000, ...proxy }: Options) {
  await using api = await rawServer({ onRequest: (socket) => socket.write(SUCCESS) });
  await using through = await startConnectProxy({ names: ['api.test'], ...proxy });
  const result = await callBy(`http://${userInfo}${through.host}`, {
    baseUrl: baseUrl ?? `http://api.test:${api.port}`,
    timeoutMs,
  });
  const { tunnels, forwarded } = through;
  return { result, tunnels, forwarded, port: api.port, received: api.received() };
}

async function callBy(
  proxy: string,
  options: { baseUrl: string; timeoutMs: number },
  signal = new AbortController().signal,
): Promise<CallResult> {
  await using client = createKlingClient({
    ...options,
    authorizer: bearerAuthorizer(KEY),
    concurrency: 1,
    proxy: new URL(proxy),
  });
  return await client.initSelection(
    { kind: 'url', videoUrl: 'https://x.example/a.mp4' },
    { signal },
  );
}

describe('call to an http address', () => {
  it('a call to an http address is forwarded by the proxy, which resolves the name', async () => {
    const { result, forwarded, port } = await callThroughProxy({});
    expect(result).toMatchObject({ ok: true, session: { sessionId: 'S1' } });
    expect(forwarded).toEqual([`http://api.test:${port}/v1/videos/multi-elements/init-selection`]);
  });

  it("a call to an http address carries the proxy's name and password to the proxy, and no further", async () => {
    const { result, received } = await callThroughProxy({
      credentials: 'anna:p@ss:wörd',
      userInfo: 'anna:p%40ss%3Aw%C3%B6rd@',
    });
    expect(result).toMatchObject({ ok: true });
    expect(received).not.toMatch(/proxy-authorization/i);
  });

  it('a call to an http address blocks the gate if the proxy wants another password', async () => {
    const { result, received } = await callThroughProxy({ credentials: 'anna:other' });
    expect(result).toMatchObject({ failure: { kind: 'misconfigured', code: 'http_407' } });
    expect(received).toBe('');
  });
});

describe('call to an https address', () => {
  const baseUrl = 'https://api.test:443';

  test.each<[status: number, kind: string, code: string, words: string]>([
    [407, 'misconfigured', 'proxy_refused', 'asks for a name and password (HTTP 407)'],
    [403, 'misconfigured', 'proxy_refused', 'does not allow api.test:443 (HTTP 403)'],
    // privoxy 3.0, of a name that cannot be resolved, and tinyproxy 1.11, of a host that cannot be reached.
    [404, 'server', 'proxy_failed', 'cannot reach api.test:443 (HTTP 404)'],
    [500, 'server', 'proxy_failed', 'cannot reach api.test:443 (HTTP 500)'],
    [502, 'server', 'proxy_failed', 'cannot reach api.test:443 (HTTP 502)'],
    [503, 'server', 'proxy_failed', 'cannot reach api.test:443 (HTTP 503)'],
    [429, 'server', 'proxy_failed', 'cannot reach api.test:443 (HTTP 429)'],
  ])(
    'a call to an https address is not sent when the proxy answers with %i: %s',
    async (status, kind, code, words) => {
      const { result, tunnels, received } = await callThroughProxy({ baseUrl, status });
      expect(tunnels).toEqual(['api.test:443']);
      expect(result).toMatchObject({ ok: false, failure: { kind, code, httpStatus: null } });
      expect(result.ok ? '' : result.failure.message).toContain(words);
      expect(received).toBe('');
    },
  );

  it('a call to an https address is not sent when its certificate is not trusted, and the proxy is not blamed', async () => {
    const { result, tunnels } = await callThroughProxy({});
    expect(result).toMatchObject({ ok: true });
    expect(tunnels).toEqual([]);
    const plain = await callThroughProxy({ baseUrl: 'https://127.0.0.1:1' });
    expect(plain.result).toMatchObject({ failure: { kind: 'server', httpStatus: null } });
  });
});

describe('proxy in trouble', () => {
  const silent = async (proxy: string, baseUrl: string, socketOf: (socket: Socket) => void) => {
    await using server = await rawServer({ onConnection: socketOf });
    return await callBy(proxy.replace('PORT', String(server.port)), { baseUrl, timeoutMs: 300 });
  };

  test.each([
    ['http://127.0.0.1:PORT', 'https://api.test'],
    ['https://127.0.0.1:PORT', 'https://api.test'],
    ['https://127.0.0.1:PORT', 'http://api.test'],
  ])('a call through a silent proxy ends in time, unsent (%s for %s)', async (proxy, baseUrl) => {
    const result = await silent(proxy, baseUrl, () => undefined);
    expect(result).toMatchObject({
      failure: { kind: 'server', code: 'timeout', httpStatus: null },
    });
  });

  test.each(['https://api.test', 'http://api.test'])(
    'a call through a proxy that is down was not sent (%s)',
    async (baseUrl) => {
      const server = await rawServer({});
      await server[Symbol.asyncDispose]();
      const result = await callBy(`http://me:secret@127.0.0.1:${server.port}`, {
        baseUrl,
        timeoutMs: 2_000,
      });
      expect(result).toMatchObject({
        failure: {
          kind: 'server',
          code: 'proxy_failed',
          message: `there is no way to the API (the proxy 127.0.0.1:${server.port} cannot be reached (ECONNREFUSED))`,
        },
      });
    },
  );

  test.each([
    ['hangs up', (socket: Socket) => void socket.once('data', () => socket.destroy())],
    [
      'speaks no HTTP',
      (socket: Socket) => void socket.once('data', () => socket.end('no\r\n\r\n')),
    ],
  ])('a call through a proxy that %s was not sent', async (_what, socketOf) => {
    const result = await silent('http://127.0.0.1:PORT', 'https://api.test', socketOf);
    expect(result).toMatchObject({ failure: { kind: 'server', code: 'proxy_failed' } });
  });

  it('a proxy that opens a tunnel and disconnects before TLS is done has received nothing', async () => {
    const result = await silent('http://127.0.0.1:PORT', 'https://api.test', (socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.once('data', () => socket.destroy());
      });
    });
    expect(result).toMatchObject({ failure: { kind: 'server', httpStatus: null } });
  });

  it('a call through a silent proxy ends at once when the worker shuts down, and costs no attempt', async () => {
    const halt = new AbortController();
    await using server = await rawServer({ onConnection: () => halt.abort() });
    const options = { baseUrl: 'https://api.test', timeoutMs: 60_000 };
    const result = await callBy(`http://127.0.0.1:${server.port}`, options, halt.signal);
    expect(result).toMatchObject({
      failure: { kind: 'server', code: 'aborted', httpStatus: null },
    });
    expect(result.durationMs).toBeLessThan(5_000);
  });
});
