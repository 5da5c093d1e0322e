import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { createDashboardApp, type DashboardOptions } from './dashboard-app.ts';
import { LiveHub } from './live/live-hub.ts';

export interface Dashboard extends AsyncDisposable {
  /** Where it listens, for example `http://127.0.0.1:4270`. */
  readonly url: string;
}

/** How old what an open page shows may be. */
const LOOK_EVERY_MS = 1_000;

/** Rejects with a sentence when the address cannot be had. */
export async function startDashboard(
  options: Omit<DashboardOptions, 'hub'> & { host: string; port: number },
): Promise<Dashboard> {
  const hub = new LiveHub(LOOK_EVERY_MS);
  const app = createDashboardApp({ ...options, hub });
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;
  const url = await listen(server, options.host, options.port);
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      hub[Symbol.dispose]();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, host: string, port: number): Promise<string> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'another program has it' : (code ?? message);
    throw new Error(
      `The dashboard cannot listen on ${host}, port ${port}: ${why}. Choose another with DASHBOARD_HOST or DASHBOARD_PORT (0 takes any free port).`,
      { cause: error },
    );
  }
  const { port: taken, family, address } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`;
}
