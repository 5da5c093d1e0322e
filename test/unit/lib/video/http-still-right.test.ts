import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Handler,
  outcome,
  probeServer,
  probeUrl,
  ranged,
  rangeOf,
  rawServer,
  send,
} from '../../../corpus/bad-servers.ts';
import { makeCorpus } from '../../../corpus/make-corpus.ts';

const files = new Map<string, Buffer>();
const NAMES = ['moov-first.mp4', 'moov-last.mp4', 'fragmented.mp4'];

beforeAll(async () => {
  const folder = await makeCorpus(NAMES);
  for (const name of NAMES) {
    files.set(name, await readFile(join(folder, name)));
  }
}, 120_000);

const clip = (name: string): Buffer => files.get(name) ?? Buffer.alloc(0);

let nextToken = 0;
const spentTokens = new Set<number>();

describe.each(NAMES)('still right: %s', (name) => {
  const whole = () => clip(name);
  test.each<[string, Handler]>([
    ['no ranges', (_request, response) => response.end(whole())],
    [
      'no ranges and no length',
      (_request, response) => {
        response.writeHead(200, { connection: 'close' });
        response.end(whole());
      },
    ],
    [
      'chunks of 7 bytes at the start',
      (_request, response) => {
        for (let at = 0; at < 700; at += 7) {
          response.write(whole().subarray(at, at + 7));
        }
        response.end(whole().subarray(700));
      },
    ],
    [
      'gzip',
      (_request, response) =>
        void send(200, { 'content-encoding': 'gzip' }, gzipSync(whole()))(_request, response),
    ],
    [
      'deflate',
      (request, response) =>
        send(200, { 'content-encoding': 'deflate' }, deflateSync(whole()))(request, response),
    ],
    [
      'brotli',
      (request, response) =>
        send(200, { 'content-encoding': 'br' }, brotliCompressSync(whole()))(request, response),
    ],
    [
      'gzip of a range',
      (request, response) => {
        const packed = gzipSync(whole());
        const range = rangeOf(request);
        const headers = { 'content-encoding': 'gzip' };
        if (range === null) {
          send(200, headers, packed)(request, response);
        } else {
          ranged(
            () => packed,
            (sent, piece) => {
              Object.assign(sent, headers);
              return piece;
            },
          )(request, response);
        }
      },
    ],
    [
      'a range without a total',
      ranged(whole, (headers, piece) => {
        headers['content-range'] = String(headers['content-range']).replace(/\d+$/, '*');
        return piece;
      }),
    ],
    [
      'a total that is too large',
      ranged(whole, (headers, piece) => {
        headers['content-range'] = String(headers['content-range']).replace(/\d+$/, '99999999');
        return piece;
      }),
    ],
    [
      'a total that is too small',
      ranged(whole, (headers, piece) => {
        headers['content-range'] = String(headers['content-range']).replace(/\d+$/, '1000');
        return piece;
      }),
    ],
    [
      'another range than asked for',
      (request, response) => {
        if (rangeOf(request) === null) {
          response.end(whole());
        } else {
          send(206, { 'content-range': 'bytes 5-9/10' }, 'hello')(request, response);
        }
      },
    ],
    ...[400, 401, 403, 404, 405, 406, 412, 500, 501].map((status): [string, Handler] => [
      `HTTP ${status} for a range`,
      (request, response) =>
        rangeOf(request) === null ? response.end(whole()) : response.writeHead(status).end(),
    ]),
    [
      'a reset for a range',
      (request, response) =>
        rangeOf(request) === null ? response.end(whole()) : response.destroy(),
    ],
    [
      'a reset within a range',
      (request, response) => {
        const range = rangeOf(request);
        if (range === null) {
          response.end(whole());
          return;
        }
        const { length } = whole();
        const last = Math.min(range.last, length - 1);
        response.writeHead(206, {
          'content-range': `bytes ${range.first}-${last}/${length}`,
          'content-length': last - range.first + 1,
        });
        response.write(whole().subarray(range.first, range.first + 100), () => response.destroy());
      },
    ],
    [
      'a range that ends short, without a total',
      ranged(whole, (headers, piece) => {
        headers['content-range'] = String(headers['content-range']).replace(/\d+$/, '*');
        return piece.subarray(0, 100);
      }),
    ],
    ...['aws-chunked', 'utf-8', 'binary', 'none', 'gzip', 'br', 'zstd', 'gzip, br'].map(
      (label): [string, Handler] => [
        `boxes that are labelled ${label}`,
        (request, response) => send(200, { 'content-encoding': label }, whole())(request, response),
      ],
    ),
    ...['aws-chunked', 'gzip'].map((label): [string, Handler] => [
      `ranges of boxes that are labelled ${label}`,
      ranged(whole, (headers, piece) => {
        headers['content-encoding'] = label;
        return piece;
      }),
    ]),
    [
      'gzip with a label that changes nothing',
      (request, response) =>
        send(200, { 'content-encoding': 'aws-chunked,gzip' }, gzipSync(whole()))(request, response),
    ],
    [
      'half of every range',
      ranged(whole, (_headers, piece) => piece.subarray(0, Math.ceil(piece.length / 2))),
    ],
    [
      'more than was asked for',
      (request, response) => {
        const range = rangeOf(request);
        if (range === null) {
          response.end(whole());
          return;
        }
        const { first } = range;
        const headers = { 'content-range': `bytes ${first}-${first + 9}/${whole().length}` };
        send(206, headers, whole().subarray(first))(request, response);
      },
    ],
    [
      'later ranges of another version, as a cache of slices holds them',
      (request, response) => {
        const isLater = (rangeOf(request)?.first ?? 0) > 0;
        ranged(isLater ? () => Buffer.alloc(whole().length) : whole, (headers, piece) => {
          headers.etag = isLater ? '"new"' : '"old"';
          return piece;
        })(request, response);
      },
    ],
    [
      '416 to any range',
      (request, response) => {
        if (rangeOf(request) === null) {
          response.end(whole());
        } else {
          response.writeHead(416).end();
        }
      },
    ],
    [
      'ranges only at the start',
      (request, response) => {
        const range = rangeOf(request);
        if (range?.first === 0) {
          ranged(whole)(request, response);
        } else {
          response.end(whole());
        }
      },
    ],
    [
      'text/html for a video',
      ranged(whole, (headers, piece) => {
        headers['content-type'] = 'text/html';
        return piece;
      }),
    ],
    [
      'every connection closed',
      ranged(whole, (headers, piece) => {
        headers.connection = 'close';
        return piece;
      }),
    ],
    [
      'a redirect that is good for one request',
      (request, response) => {
        const token = Number(new URL(request.url ?? '', 'http://x').searchParams.get('token') ?? 0);
        if (token === 0) {
          nextToken += 1;
          response.writeHead(302, { location: `/clip.mp4?token=${nextToken}` }).end('moved');
        } else if (spentTokens.has(token)) {
          response.writeHead(403).end();
        } else {
          spentTokens.add(token);
          ranged(whole)(request, response);
        }
      },
    ],
  ])('%s', async (_sentence, handler) => {
    const result = await probeServer(handler);
    expect(result).toMatchObject({ kind: 'video', facts: { width: 1280, height: 720, fps: 30 } });
  });
});

describe('wrong length', () => {
  test('a length that is too large does no harm: the relevant part has arrived before the end', async () => {
    const result = await probeServer((_request, response) => {
      response.writeHead(200, { 'content-length': clip('moov-last.mp4').length + 100 });
      response.write(clip('moov-last.mp4'), () => response.destroy());
    });
    expect(result.kind).toBe('video');
  });

  test('a length that is too small is noticed: the rest is missing', async () => {
    await using server = await rawServer((socket) => {
      socket.end(
        Buffer.concat([
          Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n'),
          clip('moov-last.mp4'),
        ]),
      );
    });
    const result = await probeUrl(server.url);
    expect(outcome(result)).toMatch(/^(truncated|bad_http): /);
  });
});
