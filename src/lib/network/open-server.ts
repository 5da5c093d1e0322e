import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface OpenServerOptions {
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** The subject of the message when listening fails: `The worker`. */
  who: string;
  /** The settings for another address: `A_HOST or A_PORT`. */
  settings: string;
}

export interface OpenServer extends AsyncDisposable {
  /** Where it listens, for example `http://127.0.0.1:9464`. */
  readonly url: string;
}

/**
 * Makes a server listen. Rejects with a sentence if the address is not available. Disposing closes every connection.
 */
export async function openServer(server: Server, options: OpenServerOptions): Promise<OpenServer> {
  const url = await listen(server, options);
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(
  server: Server,
  { host, port, who, settings }: OpenServerOptions,
): Promise<string> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'another program has it' : (code ?? message);
    throw new Error(
      `${who} cannot listen on ${host}, port ${port}: ${why}. Choose another with ${settings} (0 takes any free port).`,
      { cause: error },
    );
  }
  const { port: taken, family, address } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`;
}
