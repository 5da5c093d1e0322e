import type http from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllowHosts } from '../../../../src/lib/network/allow-hosts.ts';
import type { HttpProberOptions } from '../../../../src/lib/video/http-prober.ts';
import { createProber } from '../../../../src/lib/video/http-prober.ts';
import { ffprobePath, outcome, probeUrl } from '../../../corpus/bad-servers.ts';
import { makeCorpus } from '../../../corpus/make-corpus.ts';
import {
  type FileServer,
  type LoopbackServer,
  listen,
  serveFiles,
} from '../../../corpus/serve-files.ts';

const { signal } = new AbortController();
const NOTHING = { allowHosts: [] };

/** Counts the requests that reach it, and keeps their headers. */
interface Trap extends LoopbackServer {
  seen: http.IncomingMessage[];
}

async function setTrap(): Promise<Trap> {
  const seen: http.IncomingMessage[] = [];
  const server = await listen((request, response) => {
    seen.push(request);
    response.writeHead(404).end();
  });
  return { ...server, seen };
}

/** Resolves every name to the given addresses, one set after the other. */
function resolveTo(...answers: string[][]): NonNullable<HttpProberOptions['resolveHost']> {
  const left = [...answers];
  return async () => {
    const addresses = left.length > 1 ? left.shift() : left[0];
    return (addresses ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  };
}

describe('refuses, before any connection', () => {
  test.each([
    ['loopback', (port: number) => `http://127.0.0.1:${port}/`],
    ['decimal', (port: number) => `http://2130706433:${port}/`],
    ['octal', (port: number) => `http://0177.0.0.1:${port}/`],
    ['hexadecimal', (port: number) => `http://0x7f.1:${port}/`],
    ['short', (port: number) => `http://127.1:${port}/`],
    ['full-width digits', (port: number) => `http://１２７.0.0.1:${port}/`],
    ['any address', (port: number) => `http://0.0.0.0:${port}/`],
    ['IPv6 loopback', (port: number) => `http://[::1]:${port}/`],
    ['IPv4 in IPv6', (port: number) => `http://[::ffff:127.0.0.1]:${port}/`],
    ['NAT64', (port: number) => `http://[64:ff9b::7f00:1]:${port}/`],
    ['cloud metadata', () => 'http://169.254.169.254/latest/meta-data/'],
    ['a private network', () => 'https://192.168.1.1/'],
  ])('%s', async (_sentence, url) => {
    await using trap = await setTrap();
    expect(outcome(await probeUrl(url(trap.port), NOTHING))).toMatch(/^address_refused: /);
    expect(trap.seen).toHaveLength(0);
  });

  test.each([
    ['a name that resolves to loopback', [['127.0.0.1']]],
    ['a name with one bad address among good ones', [['93.184.216.34', '127.0.0.1']]],
    ['a name that resolves to IPv6 loopback', [['::1']]],
  ])('%s', async (_sentence, answers) => {
    await using trap = await setTrap();
    const options = { ...NOTHING, allowedPorts: [trap.port], resolveHost: resolveTo(...answers) };
    const result = await probeUrl(`http://name.example:${trap.port}/`, options);
    expect(outcome(result)).toMatch(/^address_refused: name.example \(.*PROBE_ALLOW_HOSTS/);
    expect(trap.seen).toHaveLength(0);
  });

  test('a port that is not public', async () => {
    const resolveHost = resolveTo(['93.184.216.34']);
    const result = await probeUrl('http://name.example:22/', { ...NOTHING, resolveHost });
    expect(outcome(result)).toMatch(/^port_refused: port 22/);
  });
});

describe('redirects', () => {
  const redirecting = (location: () => string) =>
    listen((_request, response) => void response.writeHead(302, { location: location() }).end());

  test.each([
    ['to loopback', (port: number) => `http://127.0.0.1:${port}/`],
    ['to loopback without a scheme', (port: number) => `//127.0.0.1:${port}/`],
    ['to loopback in octal', (port: number) => `http://0177.1:${port}/`],
    ['to a name of loopback', (port: number) => `http://localhost:${port}/`],
  ])('redirects that are %s are refused', async (_sentence, location) => {
    await using trap = await setTrap();
    await using server = await redirecting(() => location(trap.port));
    const allowHosts = parseAllowHosts(`127.0.0.1:${server.port}`);
    const options = { allowHosts, allowedPorts: [trap.port] };
    expect(outcome(await probeUrl(server.url('clip.mp4'), options))).toMatch(/^address_refused: /);
    expect(trap.seen).toHaveLength(0);
  });

  test('redirects pass no credentials to another host', async () => {
    await using trap = await setTrap();
    await using server = await redirecting(() => `http://localhost:${trap.port}/clip.mp4`);
    const url = server.url('clip.mp4').replace('http://', 'http://user:s3cr3t@');
    await probeUrl(url, { allowHosts: parseAllowHosts('127.0.0.1, localhost') });
    const sent = trap.seen.map(({ headers }) => [
      headers.authorization,
      headers.cookie,
      headers.referer,
    ]);
    // The range, and the whole.
    expect(sent).toEqual([
      [undefined, undefined, undefined],
      [undefined, undefined, undefined],
    ]);
  });

  test('the user-info of a URL reaches its own host', async () => {
    await using trap = await setTrap();
    await probeUrl(trap.url('clip.mp4').replace('http://', 'http://user:s3cr3t@'));
    expect(trap.seen[0]?.headers.authorization).toBe(`Basic ${btoa('user:s3cr3t')}`);
  });
});

describe('name that resolves differently the second time', () => {
  test('a name that resolves differently the second time is refused at the connection that would reach inside', async () => {
    await using trap = await setTrap();
    const resolveHost = resolveTo(['127.0.0.1'], ['127.0.0.2']);
    const allowHosts = parseAllowHosts('127.0.0.1/32');
    await using prober = await createProber({ ffprobePath, allowHosts, resolveHost });
    const url = `http://name.example:${trap.port}/clip.mp4`;
    const first = await prober.probe(url, { signal });
    trap.http.closeAllConnections();
    const second = await prober.probe(url, { signal });
    expect([outcome(first), outcome(second)]).toEqual([
      'http_404: HTTP 404 (Not Found)',
      expect.stringMatching(/^address_refused: name.example \(127.0.0.2\)/),
    ]);
    // The range and the whole, on the first connection.
    expect(trap.seen).toHaveLength(2);
  });

  test('a name that resolves differently the second time is resolved once per connection, and the connection goes to the checked address', async () => {
    await using trap = await setTrap();
    let lookups = 0;
    const answer = resolveTo(['127.0.0.1'], ['10.0.0.1']);
    const resolveHost = (host: string) => {
      lookups += 1;
      return answer(host);
    };
    const options = { allowHosts: parseAllowHosts('127.0.0.1/32'), resolveHost };
    const result = await probeUrl(`http://name.example:${trap.port}/clip.mp4`, options);
    expect(outcome(result)).toMatch(/^http_404/);
    expect([lookups, trap.seen.length]).toEqual([1, 2]);
  });
});

describe('PROBE_ALLOW_HOSTS', () => {
  test.each([
    ['a name', 'name.example', true],
    ['a name and its port', 'name.example:PORT', true],
    ['a name and another port', 'name.example:1', false],
    ['a range', '127.0.0.0/8', true],
    ['another range', '10.0.0.0/8', false],
  ])('%s', async (_sentence, list, isReached) => {
    await using trap = await setTrap();
    const allowHosts = parseAllowHosts(list.replace('PORT', String(trap.port)));
    const options = { allowHosts, resolveHost: resolveTo(['127.0.0.1']) };
    const result = await probeUrl(`http://name.example:${trap.port}/`, options);
    expect(outcome(result)).toMatch(isReached ? /^http_404/ : /^(address|port)_refused/);
  });
});

describe('secrets', () => {
  test.each([
    ['a refused address', (port: number) => `http://user:s3cr3t@10.0.0.1:${port}/?sig=s3cr3t`],
    ['a missing file', (port: number) => `http://user:s3cr3t@127.0.0.1:${port}/?sig=s3cr3t`],
    ['no connection', () => 'http://user:s3cr3t@127.0.0.1:9/?sig=s3cr3t'],
    ['no URL', () => 'http//user:s3cr3t@127.0.0.1?sig=s3cr3t'],
    ['an expired URL', () => 'http://user:s3cr3t@127.0.0.1/?Signature=s3cr3t&Expires=1000000000'],
  ])('secrets are in no message: %s', async (_sentence, url) => {
    await using trap = await setTrap();
    const result = await probeUrl(url(trap.port));
    expect(result.kind).toBe('unreadable');
    expect(JSON.stringify(result)).not.toContain('s3cr3t');
  });
});

describe('connections', () => {
  let server: FileServer;
  beforeAll(async () => {
    server = await serveFiles(join(await makeCorpus(['moov-last.mp4'])));
  }, 120_000);
  afterAll(() => server[Symbol.asyncDispose]());

  test('connections are kept and reused', async () => {
    await using prober = await createProber({
      ffprobePath,
      allowHosts: parseAllowHosts('127.0.0.1'),
    });
    for (const _probe of [1, 2, 3, 4]) {
      await prober.probe(server.url('moov-last.mp4'), { signal });
    }
    expect(server.counts).toEqual({ requests: 8, connections: 1 });
  });

  test('connections that the server has closed meanwhile do no harm', async () => {
    let requests = 0;
    await using closing = await listen((_request, response) => {
      requests += 1;
      // Promises to keep the connection, but closes it.
      response.writeHead(404, { 'content-length': 0 });
      response.end(() => setImmediate(() => response.socket?.destroy()));
    });
    await using prober = await createProber({
      ffprobePath,
      allowHosts: parseAllowHosts('127.0.0.1'),
    });
    for (const _probe of [1, 2, 3, 4]) {
      expect(outcome(await prober.probe(closing.url('x.mp4'), { signal }))).toMatch(/^http_404/);
    }
    expect(requests).toBe(8);
  });
});
