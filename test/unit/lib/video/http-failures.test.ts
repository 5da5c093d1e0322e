import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseAllowHosts } from '../../../../src/lib/network/allow-hosts.ts';
import { createProber, type HttpProberOptions } from '../../../../src/lib/video/http-prober.ts';
import {
  ffprobePath,
  type Handler,
  outcome,
  probeServer,
  probeUrl,
  ranged,
  rawServer,
  send,
} from '../../../corpus/bad-servers.ts';
import { makeCorpus } from '../../../corpus/make-corpus.ts';
import { listen } from '../../../corpus/serve-files.ts';

const files = new Map<string, Buffer>();
const NAMES = ['moov-last.mp4', 'fragmented.mp4'];

beforeAll(async () => {
  const folder = await makeCorpus(NAMES);
  for (const name of NAMES) {
    files.set(name, await readFile(join(folder, name)));
  }
}, 120_000);

const clip = (name: string): Buffer => files.get(name) ?? Buffer.alloc(0);

describe('failures say what happened', () => {
  test.each<[string, Handler, RegExp]>([
    ['404', send(404, {}), /^http_404: HTTP 404 \(Not Found\)$/],
    [
      '403 with a page',
      send(403, {}, '<html><title>Nope</title>'),
      /^http_403: HTTP 403 \(Nope\)$/,
    ],
    [
      'a title that repeats the status',
      send(403, {}, '<title>403 Forbidden</title>'),
      /^http_403: HTTP 403 \(Forbidden\)$/,
    ],
    [
      'a title that repeats the status at length',
      send(404, {}, '<title>Error 404 (Not Found)!!1</title>'),
      /^http_404: HTTP 404 \(Not Found\)$/,
    ],
    [
      'S3: a signature that does not match',
      send(
        403,
        {},
        '<?xml version="1.0"?><Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match.</Message></Error>',
      ),
      /^http_403: HTTP 403 \(SignatureDoesNotMatch: The request signature we calculated does not match\.\)$/,
    ],
    [
      's3rver 3.7: no such bucket',
      send(
        404,
        { 'content-type': 'application/xml' },
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message><BucketName>none</BucketName></Error>',
      ),
      /^http_404: HTTP 404 \(NoSuchBucket: The specified bucket does not exist\)$/,
    ],
    [
      's3rver 3.7: expired',
      send(
        403,
        { 'content-type': 'application/xml' },
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Request has expired</Message><X-Amz-Expires>60</X-Amz-Expires><Expires>2026-11-29T00:01:00Z</Expires><ServerTime>2026-11-29T01:05:43Z</ServerTime></Error>',
      ),
      /^url_expired: /,
    ],
    [
      'OSS: no such key',
      send(
        404,
        {},
        '<Error>\n  <Code>NoSuchKey</Code>\n  <Message>The specified key does\nnot exist.</Message>',
      ),
      /^http_404: HTTP 404 \(NoSuchKey: The specified key does not exist\.\)$/,
    ],
    [
      'Azure: a code alone',
      send(403, {}, '<Error><Code>AccessDenied</Code>'),
      /^http_403: HTTP 403 \(AccessDenied\)$/,
    ],
    [
      'Supabase: JSON',
      send(400, {}, '{"statusCode":"404","error":"not_found","message":"Object not found"}'),
      /^http_400: HTTP 400 \(not_found: Object not found\)$/,
    ],
    [
      'a store that repeats the signed address',
      send(403, {}, '<Code>AccessDenied</Code><Message>https://h/v?sig=secret</Message>'),
      /^http_403: HTTP 403 \(AccessDenied: https:\/\/h\/v\?…\)$/,
    ],
    ['Qiniu: expired', send(401, {}, '{"error":"expired token"}'), /^url_expired: /],
    ['401', send(401, {}), /^http_401: /],
    ['410', send(410, {}), /^http_410: /],
    ['429', send(429, {}), /^http_429, try again: /],
    ['500', send(500, {}), /^http_500, try again: /],
    ['503', send(503, {}), /^http_503, try again: /],
    ['204', send(204, {}), /^http_204: /],
    [
      'S3: expired',
      send(403, {}, '<Error><Message>Request has expired</Message>'),
      /^url_expired: /,
    ],
    [
      'Azure: expired',
      send(403, {}, 'Signature not valid in the specified time frame'),
      /^url_expired: /,
    ],
    [
      'an HTML page',
      send(200, {}, '<!doctype html><title>Access denied</title>'),
      /^not_a_video: .*HTML page titled "Access denied"/,
    ],
    ['JSON', send(200, {}, '{"error":"x"}'), /^not_a_video: .*JSON/],
    ['nothing', send(200, {}), /^empty: /],
    ['a redirect without a target', send(302, {}), /^http_302: /],
    ['a redirect nowhere', send(302, { location: 'http://[' }), /^redirects: /],
    ['redirects for ever', send(302, { location: '/again' }), /^redirects: more than 5/],
    [
      'a redirect to a file',
      send(302, { location: 'file:///etc/passwd' }),
      /^url_unsupported: .*not file/,
    ],
    ['an unknown encoding', send(200, { 'content-encoding': 'zip' }, 'x'), /^bad_http: .*"zip"/],
    ['gzip that is none', send(200, { 'content-encoding': 'gzip' }, 'hello'), /^bad_http: /],
    ['headers without end', send(200, { 'x-large': 'x'.repeat(40_000) }), /^bad_http: .*headers/],
  ])('%s', async (_sentence, handler, expected) => {
    expect(outcome(await probeServer(handler))).toMatch(expected);
  });

  test.each([
    ['a port without a listener', 'http://127.0.0.1:9/', /^connection_refused, try again: /],
    ['no URL', 'not a url', /^url_unsupported: /],
    ['ftp', 'ftp://127.0.0.1/clip.mp4', /^url_unsupported: .*not ftp/],
    ['a local file', 'file:///etc/passwd', /^url_unsupported: .*not file/],
    ['a path', '/etc/passwd', /^url_unsupported: /],
  ])('%s', async (_sentence, url, expected) => {
    expect(outcome(await probeUrl(url))).toMatch(expected);
  });

  test('a name that does not exist', async () => {
    const resolveHost = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }));
    const result = await probeUrl('http://nowhere.example/', { resolveHost });
    expect(outcome(result)).toBe('dns: the host name does not exist');
  });

  test('a server that does not speak TLS', async () => {
    await using server = await rawServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'));
    expect(outcome(await probeUrl(server.url.replace('http', 'https')))).toMatch(/^tls: /);
  });

  test('a server that does not speak HTTP', async () => {
    await using server = await rawServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n'));
    expect(outcome(await probeUrl(server.url))).toMatch(/^bad_http: /);
  });

  test('a connection that breaks within the answer', async () => {
    const result = await probeServer((_request, response) => {
      response.writeHead(200, { 'content-length': 100_000 });
      response.write(clip('moov-last.mp4').subarray(0, 50_000), () => response.destroy());
    });
    expect(outcome(result)).toMatch(/^reset, try again: /);
  });
});

describe('time-outs', () => {
  test.each<[string, Handler, Partial<HttpProberOptions>, RegExp]>([
    ['no answer', () => {}, { timeouts: { firstByteMs: 50 } }, /^timeout, try again: no answer/],
    [
      'silence within the answer',
      (_request, response) => {
        response.writeHead(200, { 'content-length': 100_000 });
        response.write(clip('moov-last.mp4').subarray(0, 50_000));
      },
      { timeouts: { stallMs: 50 } },
      /^timeout, try again: no more bytes came in time: 0\.05 of 0\.1 MB came; the server serves no ranges, and the moov box/,
    ],
    [
      'silence before anything is known',
      (_request, response) => {
        response.writeHead(200);
        response.write(clip('fragmented.mp4').subarray(0, 5_000));
      },
      { timeouts: { stallMs: 50 } },
      /^timeout, try again: no more bytes came in time: 0\.01 MB came; the server serves no ranges, so the file is read from the front$/,
    ],
    [
      'a drip that never ends',
      (_request, response) => {
        response.write(clip('moov-last.mp4').subarray(0, 5_000));
        const drip = setInterval(() => response.write('\0'), 10);
        response.on('close', () => clearInterval(drip));
      },
      { timeoutMs: 200 },
      /^timeout, try again: .*within 0.2 s: 0\.0\d MB came; the server serves no ranges/,
    ],
  ])('%s', async (_sentence, handler, options, expected) => {
    expect(outcome(await probeServer(handler, options))).toMatch(expected);
  });

  test('the caller may abort, and only then a probe rejects', async () => {
    const controller = new AbortController();
    await using server = await listen(() => controller.abort(new Error('stop')));
    await using prober = await createProber({
      ffprobePath,
      allowHosts: parseAllowHosts('127.0.0.1'),
    });
    const probe = prober.probe(server.url('clip.mp4'), { signal: controller.signal });
    await expect(probe).rejects.toThrow('stop');
  });
});

describe('bounds', () => {
  const claimLarge = (headers: Record<string, string | number>, piece: Buffer) => {
    headers['content-range'] = String(headers['content-range']).replace(/\d+$/, '99999999');
    return piece;
  };

  const endless: Handler = (_request, response) => {
    response.write(clip('moov-last.mp4').subarray(0, 32));
    response.write(Buffer.from('\0\0\0\0mdat', 'latin1'));
    const more = () => {
      while (response.write(Buffer.alloc(65_536))) {
        // As fast as the client reads.
      }
    };
    response.on('drain', more);
    more();
  };

  test('a file without end is cut at the limit', async () => {
    const result = await probeServer(endless, { maxBytes: 5_000_000 });
    expect(outcome(result)).toMatch(/^too_large: .* 5 MB/);
    expect(result.cost.bytesRead).toBeLessThan(6_000_000);
  });

  test('a file that unpacks without end is cut, too', async () => {
    const bomb = gzipSync(
      Buffer.concat([
        clip('moov-last.mp4').subarray(0, 32),
        Buffer.from('\0\0\0\0mdat', 'latin1'),
        Buffer.alloc(30_000_000),
      ]),
    );
    const result = await probeServer(send(200, { 'content-encoding': 'gzip' }, bomb), {
      maxBytes: 5_000_000,
    });
    expect(outcome(result)).toMatch(/^too_large: /);
  });

  test.each([
    ['with ranges', true],
    ['without', false],
  ])('a moov of more than 16 MB is refused, %s', async (_sentence, hasRanges) => {
    const head = Buffer.concat([
      clip('moov-last.mp4').subarray(0, 32),
      Buffer.from('05000000', 'hex'),
      Buffer.from('moov'),
    ]);
    const body = Buffer.concat([head, Buffer.alloc(hasRanges ? 20_000 : 20_000_000)]);
    const result = await probeServer(
      hasRanges ? ranged(() => body, claimLarge) : (_request, response) => void response.end(body),
    );
    expect(outcome(result)).toMatch(/^too_large: .*moov/);
  });

  test('an expired URL is not requested at all', async () => {
    let requests = 0;
    const count: Handler = (_request, response) => {
      requests += 1;
      response.end();
    };
    const path = 'clip.mp4?X-Amz-Date=20200101T000000Z&X-Amz-Expires=60&X-Amz-Signature=s3cr3t';
    expect(outcome(await probeServer(count, {}, path))).toBe(
      'url_expired: the URL expired at 2020-01-01T00:01:00.000Z; sign it again',
    );
    expect(requests).toBe(0);
  });
});
