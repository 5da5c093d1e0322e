import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

/** A server of videos in a separate process, so that it shares no event loop with the measured program. */
export interface ClipServer extends Disposable {
  port: number;
  /** Bytes sent and requests served since the last call. */
  takeCounts(): Promise<{ bytes: number; requests: number }>;
}

/**
 * Serves each file as any number of distinct clips, `/<file's number>/<number>.mp4`, each with its own creation time.
 */
export async function startClipServer(files: string[]): Promise<ClipServer> {
  const child = fork(fileURLToPath(import.meta.url), ['serve', ...files]);
  const [port] = await nextMessage<number>(child);
  return {
    port,
    async takeCounts() {
      child.send('take');
      const [counts] = await nextMessage<{ bytes: number; requests: number }>(child);
      return counts;
    },
    [Symbol.dispose]: () => void child.kill(),
  };
}

async function nextMessage<Message>(child: ChildProcess): Promise<[Message]> {
  return (await once(child, 'message')) as [Message];
}

interface Clip {
  bytes: Buffer;
  /** Position of the creation time, in `mvhd`. */
  createdAt: number;
}

function serve(files: string[]): void {
  const clips = files.map((file): Clip => {
    const bytes = readFileSync(file);
    return { bytes, createdAt: bytes.lastIndexOf('mvhd') + 8 };
  });
  let counts = { bytes: 0, requests: 0 };
  const server = http.createServer((request, response) => {
    const [, kind, number] = /^\/(\d+)\/(-?\d+)/.exec(request.url ?? '') ?? [];
    const clip = clips[Number(kind)];
    counts.requests += 1;
    if (clip === undefined) response.writeHead(404).end();
    else answer(request.headers.range, response, clip, Number(number));
  });
  const sockets = new Map<Socket, number>();
  server.on('connection', (socket) => {
    sockets.set(socket, 0);
    socket.on('close', () => {
      counts.bytes += takeBytes(socket, sockets);
      sockets.delete(socket);
    });
  });
  process.on('message', () => {
    for (const socket of sockets.keys()) {
      counts.bytes += takeBytes(socket, sockets);
    }
    process.send?.(counts);
    counts = { bytes: 0, requests: 0 };
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
}

function answer(
  range: string | undefined,
  response: http.ServerResponse,
  clip: Clip,
  number: number,
): void {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  const { length } = clip.bytes;
  const start = Number(first ?? 0);
  const end = Math.min(length, last ? Number(last) + 1 : length);
  const ranged = { 'content-range': `bytes ${start}-${end - 1}/${length}` };
  response.writeHead(first === undefined ? 200 : 206, {
    'content-length': end - start,
    'accept-ranges': 'bytes',
    ...(first === undefined ? {} : ranged),
  });
  send(response, clip, { start, end, number });
}

const PIECE_BYTES = 64 * 1024;

/** With back-pressure, so that data which a client does not read is hardly sent. */
function send(
  response: http.ServerResponse,
  clip: Clip,
  { start, end, number }: { start: number; end: number; number: number },
): void {
  const pieceEnd = Math.min(end, start + PIECE_BYTES);
  const piece = pieceOf(clip, start, pieceEnd, number);
  if (pieceEnd === end) {
    response.end(piece);
    return;
  }
  const sendNext = () => send(response, clip, { start: pieceEnd, end, number });
  if (response.write(piece)) setImmediate(sendNext);
  else response.once('drain', sendNext);
}

function pieceOf({ bytes, createdAt }: Clip, start: number, end: number, number: number): Buffer {
  const isPatched = start <= createdAt && createdAt + 4 <= end;
  const piece = isPatched ? Buffer.from(bytes.subarray(start, end)) : bytes.subarray(start, end);
  if (isPatched) piece.writeInt32BE(number, createdAt - start);
  return piece;
}

/** Bytes that a socket has sent since the last call. */
function takeBytes(socket: Socket, sockets: Map<Socket, number>): number {
  const sent = socket.bytesWritten - socket.writableLength;
  const bytes = sent - (sockets.get(socket) ?? 0);
  sockets.set(socket, sent);
  return bytes;
}

if (process.argv[2] === 'serve') {
  serve(process.argv.slice(3));
}
