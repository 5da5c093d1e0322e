import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** CommonJS without types. */
const ffmpegPath: string = createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg').path;

/** The facts of each video that tests use: size, rate and length decide the result of its rows. */
const VIDEOS = {
  'good.mp4': { size: '720x1280', fps: 30, durationS: 3 },
  'good.mov': { size: '1280x720', fps: 24, durationS: 2.5 },
  'short.mp4': { size: '720x720', fps: 24, durationS: 1 },
  'small.mp4': { size: '320x240', fps: 25, durationS: 3 },
} as const;
export type VideoName = keyof typeof VIDEOS;

let made: Promise<string> | undefined;

/** The folder with the videos, made by ffmpeg at the first call in this process and removed at its end. */
export function videoFolder(): Promise<string> {
  made ??= makeVideos();
  return made;
}

async function makeVideos(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kling-videos-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const [name, { size, fps, durationS }] of Object.entries(VIDEOS)) {
    const picture = `color=c=teal:s=${size}:r=${fps}:d=${durationS}`;
    const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
    await run(ffmpegPath, ['-y', '-f', 'lavfi', '-i', picture, ...codec, join(folder, name)]);
  }
  return folder;
}

/** A plain file server with byte ranges. A query after the path makes one video many addresses. */
export interface VideoServer extends AsyncDisposable {
  /** `127.0.0.1:<port>`, for PROBE_ALLOW_HOSTS. */
  host: string;
  urlOf(name: VideoName, query?: string): string;
  /** Serves a text as well, such as a manifest, and returns its address. */
  offer(path: string, content: string | Buffer): string;
}

export async function startVideoServer(): Promise<VideoServer> {
  const folder = await videoFolder();
  const offered = new Map<string, Buffer>();
  const server = createServer(async (request, response) => {
    const path = (request.url ?? '/').split('?')[0]?.slice(1) ?? '';
    const content =
      offered.get(path) ?? (path in VIDEOS ? await readFile(join(folder, path)) : null);
    if (content === null) response.writeHead(404).end('not here');
    else sendRange(request, response, content);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    urlOf: (name, query) => `http://${host}/${name}${query === undefined ? '' : `?${query}`}`,
    offer: (path, content) => {
      offered.set(path, Buffer.from(content));
      return `http://${host}/${path}`;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function sendRange(request: IncomingMessage, response: ServerResponse, content: Buffer): void {
  const asked = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  if (asked === null) {
    response.writeHead(200, { 'content-length': content.length }).end(content);
    return;
  }
  const first = Number(asked[1]);
  const last = Math.min(asked[2] ? Number(asked[2]) : Number.POSITIVE_INFINITY, content.length - 1);
  response
    .writeHead(206, { 'content-range': `bytes ${first}-${last}/${content.length}` })
    .end(content.subarray(first, last + 1));
}
