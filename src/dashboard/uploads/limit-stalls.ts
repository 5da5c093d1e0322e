import type { IncomingMessage, Server, ServerResponse } from 'node:http';

export interface StallLimit {
  /** A body is cut if less than `minBytes` arrives in this time, in ms. */
  everyMs: number;
  minBytes: number;
}

/** Slower than any connection over which an upload would ever finish. */
const STALL_LIMIT: StallLimit = { everyMs: 30_000, minBytes: 16 * 1024 };

/**
 * Makes a server cut requests with a stalled body. Node itself cuts every request after five minutes, but a large
 * upload over a slow line may take an hour.
 */
export function limitStalls(server: Server, limit = STALL_LIMIT): void {
  server.requestTimeout = 0;
  server.on('request', (request: IncomingMessage, response: ServerResponse) =>
    watchBody(request, response, limit),
  );
}

function watchBody(
  request: IncomingMessage,
  response: ServerResponse,
  { everyMs, minBytes }: StallLimit,
): void {
  const { socket } = request;
  let seenBytes = socket.bytesRead;
  const looking = setInterval(() => {
    if (request.complete || request.destroyed) return clearInterval(looking);
    const hasStalled = socket.bytesRead - seenBytes < minBytes;
    seenBytes = socket.bytesRead;
    if (!hasStalled) return undefined;
    clearInterval(looking);
    return cut(
      response,
      `Less than ${minBytes / 1024} KiB arrived in ${everyMs / 1_000} s; try again.`,
    );
  }, everyMs);
  looking.unref();
  response.once('close', () => clearInterval(looking));
}

function cut(response: ServerResponse, sentence: string): void {
  const { socket } = response;
  if (socket === null || response.headersSent) return void socket?.destroy();
  const head =
    'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8';
  socket.end(`${head}\r\n\r\n${sentence}\n`, () => socket.destroy());
}
