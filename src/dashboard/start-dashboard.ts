import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { openServer } from '../lib/network/open-server.ts';
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
  const { host, port } = options;
  const settings = 'DASHBOARD_HOST or DASHBOARD_PORT';
  const opened = await openServer(server, { host, port, who: 'The dashboard', settings });
  return {
    url: opened.url,
    [Symbol.asyncDispose]: async () => {
      hub[Symbol.dispose]();
      await opened[Symbol.asyncDispose]();
    },
  };
}
