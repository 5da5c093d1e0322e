import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const VIDEO = join(import.meta.dirname, '..', '..', 'examples', 'videos', 'good.mp4');

export interface VideoServer extends AsyncDisposable {
  /** For example `http://127.0.0.1:40123`. */
  origin: string;
}

/**
 * Serves `count` different valid videos under any address. The first request for an address is answered after
 * `delayMs`.
 */
export async function serveVideos(delayMs: number, count: number): Promise<VideoServer> {
  const videos = differentVideos(await readFile(VIDEO), count);
  const seen = new Set<string>();
  const server = createServer(async (request, response) => {
    const address = request.url ?? '/';
    const isFirst = !seen.has(address);
    seen.add(address);
    if (isFirst) await sleep(delayMs);
    const [, row] = /(\d+)\.mp4$/.exec(address) ?? [];
    const video = videos[Number(row) % count];
    if (video === undefined) response.writeHead(404).end();
    else answer(response, video, request.headers.range);
  });
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The same file except for the creation time in the movie header. */
function differentVideos(video: Buffer, count: number): Buffer[] {
  const createdAt = video.indexOf('mvhd') + 8;
  return Array.from({ length: count }, (_, index) => {
    const copy = Buffer.from(video);
    copy.writeUInt32BE(3_800_000_000 + index, createdAt);
    return copy;
  });
}

/** Supports ranges with a beginning; for any other range it sends the whole file. */
function answer(response: ServerResponse, video: Buffer, range: string | undefined): void {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  const headers = { 'content-type': 'video/mp4', 'accept-ranges': 'bytes', etag: '"1"' };
  if (from === undefined) {
    response.writeHead(200, { ...headers, 'content-length': video.length }).end(video);
    return;
  }
  const last = Math.min(to ? Number(to) : video.length - 1, video.length - 1);
  const part = video.subarray(Number(from), last + 1);
  const contentRange = `bytes ${from}-${last}/${video.length}`;
  response
    .writeHead(206, {
      ...headers,
      'content-range': contentRange,
      'content-length': part.length,
    })
    .end(part);
}
