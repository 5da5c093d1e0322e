import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpProxy extends AsyncDisposable {
  port: number;
  /** Resolves when the first client has connected. */
  connected: Promise<unknown>;
  /** Passes on what clients send from now on, and what they have already sent. */
  open(): void;
  /** New connections wait until `open`. Resolves when one waits. */
  shut(): Promise<void>;
  /** Existing connections pass nothing any more, without an error; new ones work normally. */
  fallSilent(): void;
  /** Resets all connections, and new ones until `open`. */
  cut(): void;
}

export interface TcpProxyOptions {
  /** How late bytes are passed on. */
  delayMs?: number;
  /** It is closed until it is opened. */
  isShut?: boolean;
  /**
   * Sees what a client sends. After `hold` its connection passes nothing any more, this included; after `no_answer`
   * only what the client sends.
   */
  inspect?: (bytes: Buffer) => 'pass' | 'hold' | 'no_answer';
}

/** Passes bytes to a port of this machine. `target` may be known only later, before the first client connects. */
export async function startTcpProxy(
  target: number | (() => number),
  { delayMs = 0, isShut = false, inspect = () => 'pass' }: TcpProxyOptions = {},
): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const pairs = new Set<{ isSilent: boolean; isUnanswered: boolean }>();
  const waiting: Socket[] = [];
  let hasWaiting = (): void => undefined;
  let state: 'open' | 'shut' | 'cut' = isShut ? 'shut' : 'open';
  const serve = (client: Socket): void => {
    const upstream = connect(typeof target === 'number' ? target : target(), '127.0.0.1');
    const pair = { isSilent: false, isUnanswered: false };
    pairs.add(pair);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined).setNoDelay(true);
      socket.on('close', () => {
        sockets.delete(socket);
        pairs.delete(pair);
      });
    }
    client.on('data', (bytes) => {
      if (pair.isSilent) return;
      const what = inspect(bytes);
      pair.isSilent = what === 'hold';
      pair.isUnanswered ||= what === 'no_answer';
      if (what !== 'hold') setTimeout(() => upstream.write(bytes), delayMs);
    });
    upstream.on('data', (bytes) => {
      if (!pair.isSilent && !pair.isUnanswered) client.write(bytes);
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  };
  const server = createServer((client) => {
    if (state === 'open') return serve(client);
    client.on('error', () => undefined);
    if (state === 'cut') return client.resetAndDestroy();
    sockets.add(client);
    waiting.push(client);
    hasWaiting();
  });
  const connected = once(server, 'connection');
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connected,
    open: () => {
      state = 'open';
      for (const client of waiting.splice(0)) serve(client);
    },
    shut: () => {
      state = 'shut';
      return new Promise((resolve) => {
        hasWaiting = resolve;
      });
    },
    fallSilent: () => {
      for (const pair of pairs) pair.isSilent = true;
    },
    cut: () => {
      state = 'cut';
      for (const socket of sockets) socket.resetAndDestroy();
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
