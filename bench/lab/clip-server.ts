import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** A server of clips in a process of its own, so that it shares no event loop with what is measured. */
export interface ClipServer extends Disposable {
  port: number;
  /** Bytes sent and requests served since it was asked last. */
  takeCounts(): Promise<{ bytes: number; requests: number }>;
}

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

/** `/<n>.mp4` is the n-th file, counted around. */
function serve(files: string[]): void {
  const clips = files.map((file) => readFileSync(file));
  let counts = { bytes: 0, requests: 0 };
  const server = http.createServer((request, response) => {
    const clip = clips[Number.parseInt(request.url?.slice(1) ?? '', 10) % clips.length];
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    counts.requests += 1;
    if (clip === undefined) {
      response.writeHead(404).end();
    } else if (first === undefined) {
      response.writeHead(200, { 'content-length': clip.length, 'accept-ranges': 'bytes' });
      sendInPieces(response, clip);
    } else {
      const end = Math.min(clip.length, last ? Number(last) + 1 : clip.length);
      const range = `bytes ${first}-${end - 1}/${clip.length}`;
      response.writeHead(206, { 'content-range': range, 'content-length': end - Number(first) });
      sendInPieces(response, clip.subarray(Number(first), end));
    }
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

/** With back-pressure, so that what a client does not read is hardly sent. */
function sendInPieces(response: http.ServerResponse, bytes: Buffer): void {
  const pieceBytes = 64 * 1024;
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, index) =>
    bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes),
  );
  Readable.from(pieces).pipe(response);
}

/** What a socket has sent since it was asked last. */
function takeBytes(socket: Socket, sockets: Map<Socket, number>): number {
  const sent = socket.bytesWritten - socket.writableLength;
  const bytes = sent - (sockets.get(socket) ?? 0);
  sockets.set(socket, sent);
  return bytes;
}

if (process.argv[2] === 'serve') {
  serve(process.argv.slice(3));
}
