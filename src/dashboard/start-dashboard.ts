import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { createDashboardApp, type DashboardOptions } from './dashboard-app.ts';

export interface Dashboard extends AsyncDisposable {
  /** Where it listens, for example `http://127.0.0.1:4270`. */
  readonly url: string;
}

/** Rejects with a sentence when the address cannot be had. */
export async function startDashboard(
  options: DashboardOptions & { host: string; port: number },
): Promise<Dashboard> {
  const app = createDashboardApp(options);
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;
  const url = await listen(server, options.host, options.port);
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
