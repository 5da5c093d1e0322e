import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Malicious videos, served by a separate process. All end before any call of the API. */
export interface HostileServer extends Disposable {
  /** A clip for each number; the kinds take turns. */
  url(index: number): string;
}

const KINDS = ['silent', 'trickling', 'endless', 'huge', 'large'] as const;
type Kind = (typeof KINDS)[number];

const TOO_SMALL = join(import.meta.dirname, '..', 'examples', 'videos', 'too-small.mp4');
const MB = 1024 * 1024;
const TRICKLE_MS = 200;

export async function startHostileServer(): Promise<HostileServer> {
  const child: ChildProcess = fork(fileURLToPath(import.meta.url), ['serve']);
  const [port] = (await once(child, 'message')) as [number];
  return {
    url: (index) => `http://127.0.0.1:${port}/${KINDS[index % KINDS.length]}/${index}.mp4`,
    [Symbol.dispose]: () => void child.kill(),
  };
}

function box(type: string, body: Buffer = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + body.length);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, body]);
}

/** A valid video of a size that the API does not accept, with a header of this many bytes. */
async function withHeaderOf(bytes: number): Promise<Buffer> {
  const clip = await readFile(TOO_SMALL);
  const start = clip.indexOf('moov') - 4;
  const end = start + clip.readUInt32BE(start);
  const moov = clip.subarray(start + 8, end);
  const filled = box('moov', Buffer.concat([moov, box('free', Buffer.alloc(bytes))]));
  return Buffer.concat([clip.subarray(0, start), filled, clip.subarray(end)]);
}

const FTYP = box('ftyp', Buffer.from('isom\0\0\0\0'));
const TINY_BOXES = Buffer.concat(Array(8_192).fill(box('free')));

function serveEndless(response: ServerResponse, first: number, last: number): void {
  response.writeHead(206, { 'content-range': `bytes ${first}-${2 ** 40}/*` });
  let left = last - first + 1;
  const send = (bytes: Buffer): void => {
    if (response.destroyed) return;
    const piece = bytes.subarray(0, left);
    left -= piece.length;
    if (left <= 0) response.end(piece);
    else response.write(piece, () => send(TINY_BOXES));
  };
  const begin =
    first < FTYP.length ? Buffer.concat([FTYP, TINY_BOXES]).subarray(first) : TINY_BOXES;
  send(begin.subarray(first < FTYP.length ? 0 : (first - FTYP.length) % 8));
}

function serveRange(response: ServerResponse, clip: Buffer, first: number, last: number): void {
  const part = clip.subarray(first, last + 1);
  const contentRange = `bytes ${first}-${first + part.length - 1}/${clip.length}`;
  response.writeHead(206, { 'content-range': contentRange, 'content-length': part.length });
  response.end(part);
}

function trickle(response: ServerResponse): void {
  response.writeHead(206, { 'content-range': 'bytes 0-16383/1000000', 'content-length': 16_384 });
  const trickling = setInterval(() => response.write('\0'), TRICKLE_MS);
  response.once('close', () => clearInterval(trickling));
}

async function serve(): Promise<void> {
  // More than the prober reads of any header, and almost as much.
  const [huge, large] = [await withHeaderOf(60 * MB), await withHeaderOf(15 * MB)];
  const server = createServer((request, response) => {
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const [first, last] = [Number(from ?? 0), to ? Number(to) : Number.POSITIVE_INFINITY];
    switch (request.url?.split('/')[1] as Kind) {
      case 'silent':
        return;
      case 'trickling':
        return trickle(response);
      case 'endless':
        return serveEndless(response, first, last);
      case 'huge':
        return serveRange(response, huge, first, last);
      case 'large':
        return serveRange(response, large, first, last);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.send?.((server.address() as AddressInfo).port);
}

if (process.argv[2] === 'serve') {
  process.once('disconnect', () => process.exit());
  await serve();
}
