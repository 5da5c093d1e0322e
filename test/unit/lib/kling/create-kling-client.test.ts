import type { Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it, test } from 'vitest';
import type { Source } from '../../../../src/lib/core/manifest/source.ts';
import { bearerAuthorizer } from '../../../../src/lib/kling/authorizer.ts';
import type { KlingClientOptions } from '../../../../src/lib/kling/create-kling-client.ts';
import { createKlingClient } from '../../../../src/lib/kling/create-kling-client.ts';
import type { CallResult } from '../../../../src/lib/kling/kling-client.ts';
import { httpAnswer, type RawServer, rawServer } from './raw-server.ts';

const KEY = 'sk-very-secret-key';
const URL_SOURCE: Source = { kind: 'url', videoUrl: 'https://cdn.example/ü.mp4?a=1' };
const KLING_SOURCE: Source = {
  kind: 'kling',
  videoId: '784912345678901234',
  taskId: '784912345678901235',
};
const SUCCESS = JSON.stringify({ code: 0, request_id: 'r1', data: { session_id: 'S1' } });

type Handlers = Parameters<typeof rawServer>[0];
type Options = Partial<KlingClientOptions> & { source?: Source; signal?: AbortSignal };

/** Makes one call to a server with these handlers. */
async function callAgainst(handlers: Handlers, options: Options = {}) {
  await using server = await rawServer(handlers);
  const result = await call(server, options);
  return { result, received: server.received() };
}

async function call(server: RawServer, options: Options = {}): Promise<CallResult> {
  const { source = URL_SOURCE, signal = new AbortController().signal, ...others } = options;
  await using client = createKlingClient({
    baseUrl: `http://127.0.0.1:${server.port}/kling/`,
    authorizer: bearerAuthorizer(KEY),
    concurrency: 2,
    timeoutMs: 5_000,
    ...others,
  });
  return await client.initSelection(source, { signal });
}

function answering(answer: string | Buffer): Handlers {
  return { onRequest: (socket) => socket.end(answer) };
}

describe('request', () => {
  it('the request is sent to the endpoint under the base URL, with key and JSON', async () => {
    const { result, received } = await callAgainst(answering(httpAnswer(200, SUCCESS)));
    expect(result).toMatchObject({ ok: true, session: { sessionId: 'S1', requestId: 'r1' } });
    expect(received).toMatch(
      /^POST \/kling\/v1\/videos\/multi-elements\/init-selection HTTP\/1\.1/,
    );
    expect(received).toMatch(/^authorization: Bearer sk-very-secret-key\r$/im);
    expect(received).toMatch(/^content-type: application\/json\r$/im);
  });

  const { videoId, taskId } = KLING_SOURCE as Extract<Source, { kind: 'kling' }>;
  const rows: [sentence: string, options: Options, body: unknown][] = [
    ['a URL alone', {}, { video_url: 'https://cdn.example/ü.mp4?a=1' }],
    ['both ids', { source: KLING_SOURCE }, { video_id: videoId, task_id: taskId }],
    [
      'no task id if `sendTaskId` is never',
      { source: KLING_SOURCE, sendTaskId: 'never' },
      { video_id: videoId },
    ],
    ['no empty task id', { source: { kind: 'kling', videoId, taskId: '' } }, { video_id: videoId }],
  ];
  test.each(rows)('the request carries %s', async (_sentence, options, body) => {
    const { received } = await callAgainst(answering(httpAnswer(200, SUCCESS)), options);
    const sent = Buffer.from(received.slice(received.indexOf('\r\n\r\n') + 4), 'latin1');
    expect(JSON.parse(sent.toString('utf8'))).toEqual(body);
  });

  it('the request asks the authorizer before every call', async () => {
    let count = 0;
    const authorizer = { authorize: async () => ({ authorization: `Bearer token-${++count}` }) };
    await using server = await rawServer({
      onRequest: (socket) => socket.write(httpAnswer(200, SUCCESS)),
    });
    await call(server, { authorizer });
    await call(server, { authorizer });
    expect(server.received().match(/Bearer token-\d/g)).toEqual([
      'Bearer token-1',
      'Bearer token-2',
    ]);
  });
});

describe('answer', () => {
  const encoded = (encoding: string, body: Buffer, length = body.length): Buffer =>
    Buffer.concat([
      Buffer.from(
        `HTTP/1.1 200 OK\r\nContent-Encoding: ${encoding}\r\nContent-Length: ${length}\r\n\r\n`,
      ),
      body,
    ]);
  const chunked = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${SUCCESS.length.toString(16)}\r\n${SUCCESS}\r\n0\r\n\r\n`;
  test.each<[string, string | Buffer]>([
    ['gzipped', encoded('gzip', gzipSync(SUCCESS))],
    ['deflated', encoded('deflate', deflateSync(SUCCESS))],
    ['compressed with Brotli', encoded('br', brotliCompressSync(SUCCESS))],
    ['gzipped and cut off only after the JSON', encoded('gzip', gzipSync(SUCCESS), 999)],
    ['gzipped without its checksum', encoded('gzip', gzipSync(SUCCESS).subarray(0, -8))],
    ['chunked', chunked],
    ['without a length, ended by the end', `HTTP/1.1 200 OK\r\n\r\n${SUCCESS}`],
    ['cut off only after the JSON', httpAnswer(200, SUCCESS, ['Content-Length: 999'])],
  ])('an answer is read if it is %s', async (_sentence, answer) => {
    const { result } = await callAgainst(answering(answer));
    expect(result).toMatchObject({ ok: true, session: { sessionId: 'S1' } });
  });

  test.each<[kind: string, code: string, sentence: string, answer: string | Buffer]>([
    ['throttled', '1302', 'an error status', httpAnswer(429, '{"code":1302}')],
    ['misconfigured', 'http_302', 'a redirect', httpAnswer(302, '', ['Location: /login'])],
    ['misconfigured', 'html', 'a page', httpAnswer(200, '<!doctype html><title>Hi</title>')],
    ['unconfirmed', 'unreadable_body', 'broken JSON', httpAnswer(200, '{"code":0,')],
    ['unconfirmed', 'empty_body', 'nothing', httpAnswer(200, '')],
    ['unconfirmed', 'too_large', 'a body over the cap', httpAnswer(200, ' '.repeat(1_000_001))],
    ['unconfirmed', 'undecodable', 'no gzip', httpAnswer(200, 'xx', ['Content-Encoding: gzip'])],
    [
      'unconfirmed',
      'too_large',
      'a gzipped body over the cap',
      encoded('gzip', gzipSync(' '.repeat(1_000_001))),
    ],
    ['server', 'http_503', 'a 503 cut off', httpAnswer(503, '{"co', ['Content-Length: 99'])],
  ])('an answer is %s (%s) when it is %s', async (kind, code, _sentence, answer) => {
    const { result } = await callAgainst(answering(answer));
    expect(result).toMatchObject({ ok: false, failure: { kind, code } });
  });

  it('an answer that redirects is not followed', async () => {
    await using server = await rawServer({
      onRequest: (socket) => socket.write(httpAnswer(307, '', ['Location: /elsewhere'])),
    });
    await call(server);
    expect(server.received()).not.toContain('/elsewhere');
  });

  it('an answer that quotes the key is stored without it', async () => {
    const body = JSON.stringify({ code: 'bad_key', message: `Incorrect key ${KEY} provided` });
    const { result } = await callAgainst(answering(httpAnswer(401, body)));
    expect(result).toMatchObject({ failure: { message: 'Incorrect key [redacted] provided' } });
  });
});

describe('secret in an answer', () => {
  const STRANGE_KEY = 'sk-a/b+c="d\\\\';
  const inUrl = encodeURIComponent(STRANGE_KEY);
  const inJson = JSON.stringify(STRANGE_KEY).slice(1, -1);
  const escaped = inJson.replaceAll('/', '\\/');
  test.each<[sentence: string, answer: string]>([
    ['X-Request-Id', httpAnswer(503, '', [`X-Request-Id: req ${STRANGE_KEY}`])],
    ['X-Oneapi-Request-Id', httpAnswer(503, '', [`X-Oneapi-Request-Id: ${STRANGE_KEY}`])],
    ['Location', httpAnswer(302, '', [`Location: https://x.example/${inUrl}/`])],
    [
      'two headers of a name',
      httpAnswer(503, '', ['X-Request-Id: 1', `X-Request-Id: ${STRANGE_KEY}`]),
    ],
    ['a JSON body', httpAnswer(400, `{"code":1201,"message":"bad ${inJson}"}`)],
    [
      'a JSON body with escaped slashes',
      httpAnswer(200, `{"code":0,"data":{"session_id":"${escaped}"}}`),
    ],
  ])('a secret in an answer is hidden in %s', async (_sentence, answer) => {
    const { result } = await callAgainst(answering(answer), {
      authorizer: bearerAuthorizer(STRANGE_KEY),
    });
    const kept = JSON.stringify(result);
    expect(kept).toContain('[redacted]');
    for (const secret of [STRANGE_KEY, inUrl, inJson, escaped]) expect(kept).not.toContain(secret);
  });

  it('a secret in an answer leaves X-Request-Id beside a session as it is', async () => {
    const answer = httpAnswer(200, SUCCESS, [`X-Request-Id: ${KEY}`]);
    const { result } = await callAgainst(answering(answer));
    expect(result).toMatchObject({ ok: true });
    expect(JSON.stringify(result)).not.toContain(KEY);
  });
});

describe('no answer', () => {
  const destroy = (socket: Socket) => void socket.destroy();
  const SWITCHING =
    'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n';
  const halfBody = httpAnswer(200, '{"code":0,"data":', ['Content-Length: 500']);
  test.each<[code: string, sentence: string, handlers: Handlers]>([
    ['reset', 'closed before reading', { onConnection: destroy }],
    ['reset', 'closed after reading', { onRequest: destroy }],
    ['reset', 'reset after reading', { onRequest: (socket) => socket.resetAndDestroy() }],
    ['reset', 'half a head', { onRequest: (socket) => socket.end('HTTP/1.1 200 O') }],
    ['reset', 'half a body', { onRequest: (socket) => socket.end(halfBody) }],
    ['reset', 'another protocol', { onRequest: (socket) => socket.write(SWITCHING) }],
    ['not_http', 'garbage', { onRequest: (socket) => socket.end('\u0000\u0001 no HTTP\r\n\r\n') }],
    ['timeout', 'silence', {}],
    ['timeout', 'a body that never ends', { onRequest: (socket) => socket.write(halfBody) }],
  ])('a missing answer is unconfirmed (%s) after %s', async (code, _sentence, handlers) => {
    const { result } = await callAgainst(handlers, { timeoutMs: 300 });
    expect(result).toMatchObject({ ok: false, failure: { kind: 'unconfirmed', code } });
  });

  it('a missing answer is unconfirmed if the call is aborted after it was sent', async () => {
    const controller = new AbortController();
    const onRequest = () => controller.abort();
    const { result } = await callAgainst({ onRequest }, { signal: controller.signal });
    expect(result).toMatchObject({ failure: { kind: 'unconfirmed', code: 'aborted' } });
  });

  it('a missing answer takes as long as its time limit', async () => {
    const { result } = await callAgainst({}, { timeoutMs: 300 });
    expect(result.durationMs).toBeGreaterThanOrEqual(295);
    expect(result.durationMs).toBeLessThan(2_000);
  });
});

describe('call that was never sent', () => {
  it('a call that was never sent is server trouble if the connection is refused', async () => {
    const server = await rawServer({});
    await server[Symbol.asyncDispose]();
    expect(await call(server)).toMatchObject({ failure: { kind: 'server', code: 'refused' } });
  });

  it('a call that was never sent is server trouble if the name does not exist', async () => {
    await using server = await rawServer({});
    // A label of more than 63 characters: the resolver refuses it without a query.
    const result = await call(server, { baseUrl: `http://${'a'.repeat(64)}.invalid` });
    expect(result).toMatchObject({ failure: { kind: 'server', code: 'dns' } });
  });

  test.each<[code: string, sentence: string, handlers: Handlers]>([
    ['timeout', 'is never answered', {}],
    [
      'tls',
      'is answered without TLS',
      { onConnection: (socket) => socket.write('HTTP/1.1 400\r\n') },
    ],
    [
      'reset',
      'is cut off',
      { onConnection: (socket) => socket.once('data', () => socket.destroy()) },
    ],
  ])(
    'a call that was never sent shows an ill server (%s) when the TLS greeting %s',
    async (code, _sentence, handlers) => {
      await using server = await rawServer(handlers);
      const result = await call(server, {
        baseUrl: `https://127.0.0.1:${server.port}`,
        timeoutMs: 300,
      });
      expect(result).toMatchObject({ failure: { kind: 'server', code } });
    },
  );

  it('a call that was never sent reaches no server if the signal was aborted before', async () => {
    await using server = await rawServer({});
    const result = await call(server, { signal: AbortSignal.abort() });
    expect(result).toMatchObject({ failure: { kind: 'server', code: 'aborted' } });
    expect(server.connectionCount()).toBe(0);
  });

  it('a call that was never sent is an account failure without credentials, and does not say why', async () => {
    await using server = await rawServer({});
    const authorize = () => Promise.reject(new Error(`bad secret ${KEY}`));
    const result = await call(server, { authorizer: { authorize } });
    expect(result).toMatchObject({ failure: { kind: 'account', code: 'authorization' } });
    expect(JSON.stringify(result)).not.toContain(KEY);
  });
});

it('an answer is not affected by a shutdown right after it', async () => {
  await using server = await rawServer(answering(httpAnswer(200, SUCCESS)));
  for (let calls = 0; calls < 20; calls += 1) {
    const halt = new AbortController();
    const result = await call(server, { signal: halt.signal });
    halt.abort();
    expect(result).toMatchObject({ ok: true });
  }
  await new Promise(setImmediate);
});
