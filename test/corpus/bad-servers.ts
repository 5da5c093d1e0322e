import type http from 'node:http';
import { createServer, type Socket } from 'node:net';
import { parseAllowHosts } from '../../src/lib/network/allow-hosts.ts';
import { findFfprobe } from '../../src/lib/video/ffprobe/find.ts';
import { createProber, type HttpProberOptions } from '../../src/lib/video/http-prober.ts';
import type { ProbeResult } from '../../src/lib/video/prober.ts';
import { listen } from './serve-files.ts';

/** Misbehaving servers, and a prober that visits them. */
export type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

/** `FFPROBE_PATH` runs the tests with another build. */
export const ffprobePath =
  findFfprobe({ givenPath: process.env.FFPROBE_PATH, searchPath: process.env.PATH ?? '' })?.path ??
  'ffprobe';
const { signal } = new AbortController();

export async function probeServer(
  handler: Handler,
  options: Partial<HttpProberOptions> = {},
  path = 'clip.mp4',
): Promise<ProbeResult> {
  await using server = await listen(handler);
  return await probeUrl(server.url(path), options);
}

export async function probeUrl(url: string, options: Partial<HttpProberOptions> = {}) {
  await using prober = await createProber({
    ffprobePath,
    allowHosts: parseAllowHosts('127.0.0.1'),
    ...options,
  });
  return await prober.probe(url, { signal });
}

export const outcome = (result: ProbeResult): string =>
  result.kind === 'unreadable'
    ? `${result.failure.code}${result.failure.isRetryable ? ', try again' : ''}: ${result.failure.message}`
    : result.kind;

/** Sends bytes with the given status and headers. */
export const send =
  (status: number, headers: http.OutgoingHttpHeaders, body: Buffer | string = ''): Handler =>
  (_request, response) => {
    response.writeHead(status, headers);
    response.end(body);
  };

export function rangeOf(request: http.IncomingMessage): { first: number; last: number } | null {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  return first === undefined ? null : { first: Number(first), last: Number(last || Infinity) };
}

/** Serves ranges, with a change to headers or bytes. */
export const ranged =
  (
    body: () => Buffer,
    change: (headers: Record<string, string | number>, piece: Buffer) => Buffer = (_h, piece) =>
      piece,
  ): Handler =>
  (request, response) => {
    const range = rangeOf(request);
    if (range === null) {
      response.end(body());
      return;
    }
    const { first, last } = range;
    const piece = body().subarray(first, last + 1);
    if (piece.length === 0) {
      response.writeHead(416).end();
      return;
    }
    const headers = {
      'content-range': `bytes ${first}-${first + piece.length - 1}/${body().length}`,
    };
    const sent = change(headers, piece);
    response.writeHead(206, headers);
    response.end(sent);
  };

export interface RawServer extends AsyncDisposable {
  url: string;
}

/** Answers the first bytes of every connection with whatever the handler writes. */
export async function rawServer(handler: (socket: Socket) => void): Promise<RawServer> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => handler(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return {
    url: `http://127.0.0.1:${port}/clip.mp4`,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
