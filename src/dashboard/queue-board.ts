import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { HonoAdapter } from '@bull-board/hono';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { redactUrls } from '../lib/core/redact-url.ts';
import type { QueueName } from '../lib/queue/jobs.ts';
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
    return await adapt(await board.fetch(context.req.raw));
  };
  return [ROOT, `${ROOT}/*`].map((path) => ({
    method: 'GET',
    path,
    access: 'viewer',
    handle: show,
  }));
}

function createBoard({ everyQueue }: DashboardPorts): Hono<DashboardEnv> {
  const adapter = new HonoAdapter(serveStatic);
  adapter.setBasePath(ROOT);
  createBullBoard({
    queues: everyQueue.queues.map((queue) => {
      const shown = new BullMQAdapter(queue, { readOnlyMode: true, allowRetries: false });
      shown.setFormatter('data', ROW_QUEUES.has(queue.name) ? withoutSignatures : withoutAddresses);
      return shown;
    }),
    serverAdapter: adapter,
    options: {
      uiBasePath: findPages(),
      uiConfig: {
        boardTitle: 'Queues',
        hideRedisDetails: true,
        hideDocsLink: true,
      },
    },
  });
  return (
    new Hono<DashboardEnv>()
      // Its page uses its own folder as base address, and styles within its markup; no other rule is relaxed for it.
      .use(createSecurityHeaders({ baseUri: "'self'", inlineStyles: true }))
      .route(ROOT, adapter.registerPlugin())
  );
}

/** The jobs of the other queues contain webhook URLs, which are secret after the host. */
const ROW_QUEUES = new Set<string>(['dispatch', 'probe', 'init-selection'] satisfies QueueName[]);

const HTTP_ADDRESS = /\b(https?:\/\/)(?:[^\s"'<>/@]*@)?([^\s"'<>/?#\\]*)[^\s"'<>]*/gi;

const withoutAddresses = (data: unknown): unknown =>
  mapTexts(data, (text) => text.replace(HTTP_ADDRESS, '$1$2/…'));

const withoutSignatures = (data: unknown): unknown => mapTexts(data, redactUrls);

const mapTexts = (data: unknown, map: (text: string) => string): unknown =>
  JSON.parse(JSON.stringify(data), (_key, value: unknown) =>
    typeof value === 'string' ? map(value) : value,
  );

/** In the empty middle of its header, because its own menu hides links too well. */
const WAY_BACK =
  '<a href="/" style="position:fixed;top:20px;left:50%;transform:translateX(-50%);z-index:9999">← Dashboard</a>';

/** Adds the way back, and drops a font from elsewhere, which our rules forbid. */
async function adapt(answer: Response): Promise<Response> {
  if (!answer.headers.get('content-type')?.startsWith('text/html')) return answer;
  const markup = (await answer.text())
    .replace(/<link\b[^>]*\bfonts\.[^>]*>/gi, '')
    .replace('<div id="root">', `${WAY_BACK}$&`);
  return new Response(markup, answer);
}
