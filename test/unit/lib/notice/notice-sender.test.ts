import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { parseAllowHosts } from '../../../../src/lib/network/allow-hosts.ts';
import { resolveBySystem } from '../../../../src/lib/network/guarded-lookup.ts';
import {
  createNoticeSender,
  type NoticeSenderOptions,
} from '../../../../src/lib/notice/notice-sender.ts';
import { startConnectProxy } from '../../../setup/connect-proxy.ts';
import { startWebhookReceiver } from '../../../setup/webhook-receiver.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const { signal } = new AbortController();

function senderTo(allowHosts: string, patch: Partial<NoticeSenderOptions> = {}) {
  return createNoticeSender({
    guard: {
      allowHosts: parseAllowHosts(allowHosts),
      allowedPorts: [80, 443],
      resolveHost: resolveBySystem,
      allowSetting: 'NOTIFY_ALLOW_HOSTS',
    },
    secret: SECRET,
    now: Date.now,
    ...patch,
  });
}

const notice = (url: string, format: 'standard' | 'slack' = 'standard') => ({
  id: 'finished-clips-5',
  target: { url, format },
  body: JSON.stringify({ words: 'Ümläute & <so on>' }),
});

test("the sender signs so that the receiver's library agrees", async () => {
  await using receiver = await startWebhookReceiver();
  const delivery = await senderTo(receiver.host).deliver(notice(receiver.url), signal);
  expect(delivery).toEqual({ kind: 'taken', status: 200, answer: 'ok' });
  const [{ headers, body } = { headers: {}, body: '' }] = receiver.received;
  expect(headers).toMatchObject({
    'webhook-id': 'finished-clips-5',
    'content-type': 'application/json; charset=utf-8',
  });
  const verified = new Webhook(SECRET).verify(body, headers as Record<string, string>);
  expect(verified).toEqual({ words: 'Ümläute & <so on>' });
  const other = new Webhook(`whsec_${Buffer.alloc(32, 8).toString('base64')}`);
  expect(() => other.verify(body, headers as Record<string, string>)).toThrow(
    'No matching signature',
  );
});

test('the sender signs each attempt with its own time', async () => {
  await using receiver = await startWebhookReceiver();
  const times = [1_000_000, 2_000_000];
  const sender = senderTo(receiver.host, { now: () => times.shift() ?? 0 });
  await sender.deliver(notice(receiver.url), signal);
  await sender.deliver(notice(receiver.url), signal);
  expect(receiver.received.map(({ headers }) => headers['webhook-timestamp'])).toEqual([
    '1000',
    '2000',
  ]);
});

test.each<[string, Parameters<typeof startWebhookReceiver>[0], object]>([
  ['204 is taken', (response) => response.writeHead(204).end(), { kind: 'taken', status: 204 }],
  [
    'a refusal is not retried, and its text is reported',
    (response) => response.writeHead(403).end('no_service'),
    { kind: 'not_taken', status: 403, answer: 'no_service', reason: 'the receiver answered 403' },
  ],
  [
    'a redirect is not followed',
    (response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
    {
      kind: 'not_taken',
      status: 302,
      reason: 'the receiver answered 302, and redirects are not followed',
    },
  ],
  [
    'a broken connection',
    (response) => response.destroy(),
    { kind: 'not_taken', status: null, reason: 'the connection broke' },
  ],
])('%s', async (_, answer, expected) => {
  await using receiver = await startWebhookReceiver(answer);
  const delivery = await senderTo(receiver.host).deliver(notice(receiver.url), signal);
  expect(delivery).toMatchObject(expected);
  expect(receiver.received).toHaveLength(1);
});

test('a receiver that never ends its answer is cut at 2000 bytes', async () => {
  await using receiver = await startWebhookReceiver((response) => {
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(1_000)));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  const delivery = await senderTo(receiver.host).deliver(notice(receiver.url), signal);
  expect(delivery).toMatchObject({ kind: 'taken', answer: 'x'.repeat(2_000) });
});

test('a receiver that never answers times out', async () => {
  await using receiver = await startWebhookReceiver(() => undefined);
  const sender = senderTo(receiver.host, { timeoutMs: 200 });
  const delivery = await sender.deliver(notice(receiver.url), signal);
  expect(delivery).toMatchObject({
    kind: 'not_taken',
    status: null,
    reason: 'the answer was not complete in time',
  });
});

test('the sender requests no internal address that its own list does not name', async () => {
  await using receiver = await startWebhookReceiver();
  const delivery = await senderTo('').deliver(notice(receiver.url), signal);
  expect(delivery).toEqual({
    kind: 'refused',
    reason:
      '127.0.0.1 is not a public address (loopback); add it to NOTIFY_ALLOW_HOSTS to allow it',
  });
  expect(receiver.received).toHaveLength(0);
});

test('the sender requests no name that leads inside', async () => {
  await using receiver = await startWebhookReceiver();
  const url = receiver.url.replace('127.0.0.1', 'localhost');
  const sender = senderTo('10.0.0.0/8');
  expect(await sender.deliver(notice(url), signal)).toMatchObject({ kind: 'refused' });
  expect(receiver.received).toHaveLength(0);
});

test('the sender sends only what needs no signature if there is no secret', async () => {
  await using receiver = await startWebhookReceiver();
  const sender = senderTo(receiver.host, { secret: null });
  expect(await sender.deliver(notice(receiver.url), signal)).toMatchObject({
    kind: 'not_taken',
    reason: 'NOTIFY_SECRET is not set, and unsigned notices are not sent',
  });
  expect(await sender.deliver(notice(receiver.url, 'slack'), signal)).toMatchObject({
    kind: 'taken',
  });
  expect(receiver.received[0]?.headers).not.toHaveProperty('webhook-signature');
});

test('an interruption is not an answer', async () => {
  await using receiver = await startWebhookReceiver(() => undefined);
  const halting = new AbortController();
  const delivery = senderTo(receiver.host).deliver(notice(receiver.url), halting.signal);
  await receiver.waitFor(1);
  halting.abort();
  await expect(delivery).rejects.toThrow();
});

test('the sender uses the proxy, which resolves names that have no address here', async () => {
  await using receiver = await startWebhookReceiver();
  await using proxy = await startConnectProxy({ names: ['hooks.test'] });
  const url = receiver.url.replace('127.0.0.1', 'hooks.test');
  const { port } = new URL(url);
  const findProxy = () => new URL(`http://${proxy.host}`);
  const sender = senderTo(`hooks.test:${port}`, { findProxy });
  expect(await sender.deliver(notice(url), signal)).toMatchObject({ kind: 'taken' });
  expect(proxy.forwarded).toEqual([url]);
});

test.each([
  [
    'an inside address',
    'http://127.0.0.1/hook',
    /127\.0\.0\.1 is not a public address \(loopback\)/,
  ],
  [
    'a name that leads inside',
    'http://inside.test/hook',
    /inside\.test \(10\.0\.0\.1\) is not a public/,
  ],
  [
    'such a name over TLS',
    'https://inside.test/hook',
    /inside\.test \(10\.0\.0\.1\) is not a public/,
  ],
  [
    'an unusual port of a name unknown here',
    'http://outside.test:6379/hook',
    /port 6379 is not read/,
  ],
])('the sender asks no proxy for %s', async (_what, url, reason) => {
  await using proxy = await startConnectProxy({ names: ['outside.test'] });
  const resolveHost = async (host: string) => {
    if (host !== 'inside.test') throw Object.assign(new Error(host), { code: 'ENOTFOUND' });
    return [{ address: '10.0.0.1', family: 4 }];
  };
  const sender = createNoticeSender({
    guard: {
      allowHosts: [],
      allowedPorts: [80, 443],
      resolveHost,
      allowSetting: 'NOTIFY_ALLOW_HOSTS',
    },
    findProxy: () => new URL(`http://${proxy.host}`),
    secret: SECRET,
    now: Date.now,
  });
  const delivery = await sender.deliver(notice(url), signal);
  expect(delivery).toEqual({ kind: 'refused', reason: expect.stringMatching(reason) });
  expect([proxy.forwarded, proxy.tunnels]).toEqual([[], []]);
});

test('the sender is retried if the proxy is down, and names the proxy', async () => {
  const proxy = await startConnectProxy();
  await proxy[Symbol.asyncDispose]();
  const sender = senderTo('', { findProxy: () => new URL(`http://${proxy.host}`) });
  expect(await sender.deliver(notice('https://hooks.invalid/'), signal)).toMatchObject({
    kind: 'not_taken',
    reason: `the proxy ${proxy.host} cannot be reached (ECONNREFUSED)`,
  });
});
