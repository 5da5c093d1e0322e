import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';

export interface RawServer extends AsyncDisposable {
  port: number;
  /** Everything received so far, over all connections. */
  received(): string;
  connectionCount(): number;
}

/**
 * A TCP server on loopback whose connections the test controls. `onRequest` is called once for each complete request,
 * from 1; `onConnection` at once.
 */
export async function rawServer(handlers: {
  onConnection?: (socket: Socket) => void;
  onRequest?: (socket: Socket, requestNumber: number) => void;
}): Promise<RawServer> {
  const sockets = new Set<Socket>();
  let received = '';
  let requestCount = 0;
  let connectionCount = 0;
  const server = createServer((socket) => {
    connectionCount++;
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    let pending = '';
    socket.on('data', (data) => {
      received += data.toString('latin1');
      pending += data.toString('latin1');
      if (!isComplete(pending)) return;
      pending = '';
      requestCount++;
      handlers.onRequest?.(socket, requestCount);
    });
    handlers.onConnection?.(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    received: () => received,
    connectionCount: () => connectionCount,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function isComplete(request: string): boolean {
  const headEnd = request.indexOf('\r\n\r\n');
  const length = Number(/content-length: (\d+)/i.exec(request)?.[1] ?? 0);
  return headEnd >= 0 && request.length >= headEnd + 4 + length;
}

/** A whole HTTP answer as text; `Content-Length` is right unless `headers` say otherwise. */
export function httpAnswer(status: number, body: string, headers: string[] = []): string {
  const hasLength = headers.some((header) => /^(content-length|transfer-encoding):/i.test(header));
  const length = hasLength ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  return [`HTTP/1.1 ${status} Whatever`, ...headers, ...length, '', body].join('\r\n');
}
