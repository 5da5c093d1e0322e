import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { HonoAdapter } from '@bull-board/hono';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { redactUrls } from '../lib/core/redact-url.ts';
import type { DashboardEnv } from './dashboard-env.ts';
import type { DashboardPorts } from './ports.ts';
import type { Route } from './route.ts';
import { createSecurityHeaders } from './security-headers.ts';

const ROOT = '/queues';

/** The folder of bull-board's pages, which are installed beside the program because they cannot be bundled. */
const findPages = (): string =>
  dirname(createRequire(import.meta.url).resolve('@bull-board/ui/package.json'));

/**
 * bull-board, for looking at the queues. It is set to read-only, and only GET reaches it (Hono answers HEAD as GET),
 * so no route can empty or clean queues.
 */
export function queueBoardRoutes(ports: DashboardPorts): Route[] {
  let board: Hono<DashboardEnv> | undefined;
  const show: Route['handle'] = async (context) => {
    board ??= createBoard(ports);
    return await board.fetch(context.req.raw);
  };
  return [ROOT, `${ROOT}/*`].map((path) => ({
    method: 'GET',
    path,
    access: 'viewer',
    handle: show,
  }));
}

function createBoard({ queues }: DashboardPorts): Hono<DashboardEnv> {
  const adapter = new HonoAdapter(serveStatic);
  adapter.setBasePath(ROOT);
  createBullBoard({
    queues: queues.all().map((queue) => {
      const shown = new BullMQAdapter(queue, { readOnlyMode: true, allowRetries: false });
      shown.setFormatter('data', withoutSignatures);
      return shown;
    }),
    serverAdapter: adapter,
    options: {
      uiBasePath: findPages(),
      uiConfig: {
        boardTitle: 'Queues',
        miscLinks: [{ text: 'Back to the dashboard', url: '/' }],
        hideRedisDetails: true,
        hideDocsLink: true,
      },
    },
  });
  return (
    new Hono<DashboardEnv>()
      // Its page uses its own folder as base address; no other rule is relaxed for it.
      .use(createSecurityHeaders("'self'"))
      .route(ROOT, adapter.registerPlugin())
  );
}

const withoutSignatures = (data: unknown): unknown => JSON.parse(redactUrls(JSON.stringify(data)));
