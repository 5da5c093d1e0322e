import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpProxy extends AsyncDisposable {
  port: number;
  /** Resolves when the first client has connected. */
  connected: Promise<unknown>;
  /** Passes on what clients send from now on, and what they have already sent. */
  open(): void;
  /** Existing connections pass nothing any more, without an error; new ones work normally. */
  fallSilent(): void;
}

/** Passes bytes to a port of this machine, each `delayMs` late; with `isShut` it is closed until it is opened. */
export async function startTcpProxy(
  target: number,
  { delayMs = 0, isShut = false } = {},
): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const pairs = new Set<{ isSilent: boolean }>();
  const waiting: Socket[] = [];
  let isOpen = !isShut;
  const serve = (client: Socket): void => {
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined).setNoDelay(true);
    }
    const pair = { isSilent: false };
    pairs.add(pair);
    client.on('data', (bytes) => {
      if (!pair.isSilent) setTimeout(() => upstream.write(bytes), delayMs);
    });
    upstream.on('data', (bytes) => {
      if (!pair.isSilent) client.write(bytes);
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  };
  const server = createServer((client) => {
    if (isOpen) return serve(client);
    sockets.add(client);
    waiting.push(client.on('error', () => undefined));
  });
  const connected = once(server, 'connection');
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connected,
    open: () => {
      isOpen = true;
      for (const client of waiting.splice(0)) serve(client);
    },
    fallSilent: () => {
      for (const pair of pairs) pair.isSilent = true;
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
