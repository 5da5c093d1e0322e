import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { splitCommands } from './split-commands.ts';

/** Passes the commands of clients to a Redis one by one, and counts those that mention a text. */
export interface CommandProxy extends AsyncDisposable {
  port: number;
  /**
   * Counts from now on the commands that mention one of `texts`. Calls `act` instead of passing on the `nth`; nothing
   * that any client sends afterwards is passed on, until the next watch.
   */
  watch(texts: readonly string[], nth: number, act: () => void): void;
  /** Commands that mentioned a text and were passed on. */
  readonly count: number;
}

export async function startCommandProxy(target: number): Promise<CommandProxy> {
  const sockets = new Set<Socket>();
  let watched: { texts: readonly string[]; nth: number; act: () => void } = {
    texts: [],
    nth: Number.POSITIVE_INFINITY,
    act: () => undefined,
  };
  let count = 0;
  let isCut = false;
  const mayPass = (command: Buffer): boolean => {
    if (isCut || !watched.texts.some((text) => command.includes(text))) return !isCut;
    if (count + 1 < watched.nth) {
      count += 1;
      return true;
    }
    isCut = true;
    watched.act();
    return false;
  };
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined).setNoDelay(true);
    }
    const split = splitCommands();
    client.on('data', (bytes) => {
      for (const command of split(bytes)) if (mayPass(command)) upstream.write(command);
    });
    upstream.on('data', (bytes) => client.write(bytes));
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    watch: (texts, nth, act) => {
      watched = { texts, nth, act };
      count = 0;
      isCut = false;
    },
    get count() {
      return count;
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
