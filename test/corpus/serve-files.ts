import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';

/** A file server on loopback that counts what it does. */
export interface FileServer extends AsyncDisposable {
  url(path: string): string;
  /** Since the last `reset`. */
  readonly counts: { requests: number; connections: number };
  reset(): void;
}

/** Serves the files of a folder, with ranges, or with `?whole` without. */
export async function serveFiles(folder: string): Promise<FileServer> {
  const counts = { requests: 0, connections: 0 };
  const server = await listen(async (request, response) => {
    counts.requests += 1;
    const { pathname, search } = new URL(request.url ?? '', 'http://x');
    const path = join(folder, decodeURIComponent(pathname));
    const size = await stat(path).then(
      (found) => found.size,
      () => null,
    );
    if (size === null) {
      response.writeHead(404).end();
      return;
    }
    if (search === '?whole') {
      delete request.headers.range;
    }
    sendRange(request, response, { path, size });
  });
  server.http.on('connection', () => {
    counts.connections += 1;
  });
  return {
    url: server.url,
    counts,
    reset() {
      counts.requests = 0;
      counts.connections = 0;
    },
    [Symbol.asyncDispose]: server[Symbol.asyncDispose],
  };
}

function sendRange(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  { path, size }: { path: string; size: number },
): void {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  if (first === undefined) {
    response.writeHead(200, { 'content-length': size });
    createReadStream(path).pipe(response);
    return;
  }
  const start = Number(first);
  const end = Math.min(size - 1, last ? Number(last) : size - 1);
  if (start >= size) {
    response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
    return;
  }
  response.writeHead(206, {
    'content-range': `bytes ${start}-${end}/${size}`,
    'content-length': end - start + 1,
  });
  createReadStream(path, { start, end }).pipe(response);
}

export interface LoopbackServer extends AsyncDisposable {
  http: http.Server;
  port: number;
  url(path: string): string;
}

/** An HTTP server on a free port of 127.0.0.1, closed with all its connections. */
export async function listen(handler: http.RequestListener): Promise<LoopbackServer> {
  const server = http.createServer(handler);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    http: server,
    port,
    url: (path) => `http://127.0.0.1:${port}/${path}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) {
        socket.destroy();
      }
      await closed;
    },
  };
}
