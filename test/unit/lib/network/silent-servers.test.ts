import type { ClientRequest } from 'node:http';
import { PassThrough } from 'node:stream';
import { beforeAll, describe, expect, test } from 'vitest';
import { bearerAuthorizer } from '../../../../src/lib/kling/authorizer.ts';
import {
  createKlingClient,
  type KlingClientOptions,
} from '../../../../src/lib/kling/create-kling-client.ts';
import { parseAllowHosts } from '../../../../src/lib/network/allow-hosts.ts';
import { type Guard, resolveBySystem } from '../../../../src/lib/network/guarded-lookup.ts';
import { createNoticeSender } from '../../../../src/lib/notice/notice-sender.ts';
import type { HttpProberOptions } from '../../../../src/lib/video/http-prober.ts';
import { openInput } from '../../../../src/producer/manifest/open-input.ts';
import { probeUrl } from '../../../corpus/bad-servers.ts';
import { ALL_SILENCES, type SilentServer, silentServer } from '../../../setup/silent-server.ts';

const DEADLINE_MS = 300;
/** Far below the HTTP library's time-outs for each stage. */
const BOUND_MS = 4_000;
const { signal } = new AbortController();
const never = () => new Promise<never>(() => undefined);
const guard = (patch: Partial<Guard> = {}): Guard => ({
  allowHosts: parseAllowHosts('127.0.0.1'),
  allowedPorts: [],
  resolveHost: resolveBySystem,
  allowSetting: 'ANY',
  ...patch,
});

async function call(origin: string, options: Partial<KlingClientOptions> = {}) {
  await using client = createKlingClient({
    baseUrl: origin,
    authorizer: bearerAuthorizer('sk-very-secret-key'),
    concurrency: 1,
    timeoutMs: DEADLINE_MS,
    ...options,
  });
  const result = await client.initSelection({ kind: 'url', videoUrl: 'http://x/' }, { signal });
  return result.ok ? 'a session' : result.failure.kind;
}

async function notify(url: string, addresses = guard()) {
  const options = { guard: addresses, secret: null, timeoutMs: DEADLINE_MS, now: Date.now };
  const notice = { id: 'n', target: { url, format: 'slack' as const }, body: '{}' };
  return (await createNoticeSender(options).deliver(notice, signal)).kind;
}

async function download(url: string, addresses = guard()) {
  const limits = { isRegularFile: true, maxBytes: 1e9, timeoutMs: DEADLINE_MS };
  const input = openInput(url, { guard: addresses, limits, signal });
  return await input.then(
    () => 'read',
    (error: { code: string }) => error.code,
  );
}

async function probe(url: string, options: Partial<HttpProberOptions> = {}) {
  const result = await probeUrl(url, { timeoutMs: DEADLINE_MS, ...options });
  return result.kind === 'unreadable' ? result.failure.code : result.kind;
}

// The first call loads modules, and may end before it is sent.
beforeAll(async () => {
  await using server = await silentServer('before the status line');
  await call(`http://${server.host}`);
});

// Each test waits for a deadline, so they wait side by side.
describe.concurrent.each(ALL_SILENCES)('server that falls silent %s', (silence) => {
  const EXCHANGES: [string, (server: SilentServer) => Promise<string>, RegExp][] = [
    ['a call of the API', ({ host }) => call(`http://${host}`), /^unconfirmed$/],
    ['a notice', ({ host }) => notify(`http://${host}/`), /^(not_taken|taken)$/],
    ['a manifest', ({ host }) => download(`http://${host}/m.csv`), /^download_failed$/],
    ['a probe', ({ host }) => probe(`http://${host}/clip.mp4`), /^(timeout|reset)$/],
  ];
  test.each(EXCHANGES)(
    'a server that falls silent holds %s no longer than its deadline',
    { timeout: BOUND_MS },
    async (...given) => {
      const [, exchange, outcome] = given;
      await using server = await silentServer(silence);
      expect(await exchange(server)).toMatch(outcome);
    },
  );
});

describe.concurrent('TLS handshake that never finishes', { timeout: BOUND_MS }, () => {
  test.each<[string, (host: string) => Promise<string>, string]>([
    ['a call of the API', (host) => call(`https://${host}`), 'server'],
    ['a notice', (host) => notify(`https://${host}/`), 'not_taken'],
    ['a manifest', (host) => download(`https://${host}/m.csv`), 'download_failed'],
    ['a probe', (host) => probe(`https://${host}/clip.mp4`), 'timeout'],
  ])(
    'a TLS handshake that never finishes holds %s no longer than its deadline',
    async (_what, exchange, outcome) => {
      await using server = await silentServer('before the status line');
      expect(await exchange(server.host)).toBe(outcome);
    },
  );
});

describe.concurrent('transport that never settles', { timeout: BOUND_MS }, () => {
  const deaf = guard({ resolveHost: never, allowedPorts: [80] });
  const deafPost = () => {
    const deaf = Object.assign(new PassThrough(), { destroy: () => undefined });
    return { request: deaf as unknown as ClientRequest, wasConnected: false };
  };

  test.each<[string, () => Promise<string>, string]>([
    ['a call of the API', () => call('http://x', { startPost: deafPost }), 'server'],
    ['credentials', () => call('http://x', { authorizer: { authorize: never } }), 'account'],
    ['a notice', () => notify('http://names.example/', deaf), 'not_taken'],
    ['a manifest', () => download('http://names.example/', deaf), 'download_failed'],
    ['a probe', () => probe('http://names.example/', { resolveHost: never }), 'timeout'],
  ])(
    'a transport that never settles holds %s no longer than its deadline',
    async (_what, exchange, outcome) => {
      expect(await exchange()).toBe(outcome);
    },
  );
});
