import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { openServer } from '../lib/network/open-server.ts';
import { createDashboardApp, type DashboardOptions } from './dashboard-app.ts';
import { LiveHub } from './live/live-hub.ts';
import { StreamLimit } from './live/stream-limit.ts';
import { limitStalls, type StallLimit } from './uploads/limit-stalls.ts';

export interface Dashboard extends AsyncDisposable {
  /** Where it listens, for example `http://127.0.0.1:4270`. */
  readonly url: string;
}

/** How old the content of an open page may be. */
const LOOK_EVERY_MS = 1_000;

interface Listening {
  host: string;
  port: number;
  /** Default: 50 per log-in, 500 in total. */
  mostStreams?: { ofOneLogin: number; ofAll: number };
  /** When a stalled request body is cut. Default: below 16 KiB in 30 s. */
  stallLimit?: StallLimit;
}

/** Rejects with a sentence when the address is not available. */
export async function startDashboard(
  options: Omit<DashboardOptions, 'hub'> & Listening,
): Promise<Dashboard> {
  const hub = new LiveHub(LOOK_EVERY_MS, new StreamLimit(options.mostStreams));
  const app = createDashboardApp({ ...options, hub });
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;
  limitStalls(server, options.stallLimit);
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
