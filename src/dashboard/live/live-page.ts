import { html } from 'hono/html';
import { streamSSE } from 'hono/streaming';
import type { DashboardContext, Html, Role } from '../dashboard-env.ts';
import { page } from '../pages/layout.ts';
import { refuse } from '../pages/refusal.ts';
import { type Route, view } from '../route.ts';
import type { LiveHub, Parts } from './live-hub.ts';

/** What a page shows to somebody, by the request that asks for it. */
export interface Look {
  param: (name: string) => string;
  query: (name: string) => string;
  /** Viewers are not offered what they may not do. */
  role: Role;
}

/** A page whose parts are kept up to date while it is open. */
export interface LivePage<Facts> {
  path: string;
  title: (look: Look) => string;
  /** Read now, and again and again; null when there is nothing of the kind. */
  read: (look: Look) => Promise<Facts | null>;
  /** What there is none of, for example `batch x`. */
  missing?: (look: Look) => string;
  /** Element id → markup. The same for all who have the same role, so nothing in it is for one person alone. */
  parts: (facts: Facts, look: Look) => Record<string, Html>;
  /** The page around its parts. */
  frame: (part: (id: string) => Html, context: DashboardContext, facts: Facts) => Html;
}

const ALIVE_EVERY_MS = 15_000;
/** Then the browser connects anew, and whoever has been logged out meanwhile is noticed. */
const LONGEST_MS = 10 * 60_000;

/** Two routes: the page, complete as it comes, and the stream of its changes under `/live`. */
export function livePage<Facts>(hub: LiveHub, wanted: LivePage<Facts>): Route[] {
  return [
    view(wanted.path, (context) => show(wanted, context)),
    view(`/live${wanted.path === '/' ? '' : wanted.path}`, (context) =>
      follow(hub, wanted, context),
    ),
  ];
}

const lookOf = (context: DashboardContext): Look => ({
  param: (name) => context.req.param(name) ?? '',
  query: (name) => context.req.query(name) ?? '',
  role: context.var.user.role,
});

async function show<Facts>(wanted: LivePage<Facts>, context: DashboardContext): Promise<Response> {
  const look = lookOf(context);
  const facts = await wanted.read(look);
  if (facts === null) {
    return await refuse(context, {
      kind: 'not_found',
      what: wanted.missing?.(look) ?? 'such page',
    });
  }
  const parts = wanted.parts(facts, look);
  const content = wanted.frame((id) => parts[id] ?? html``, context, facts);
  const { pathname, search } = new URL(context.req.url);
  const live = `/live${pathname === '/' ? '' : pathname}${search}`;
  return await page(context, { title: wanted.title(look), content, live });
}

function follow<Facts>(hub: LiveHub, wanted: LivePage<Facts>, context: DashboardContext): Response {
  const look = lookOf(context);
  const read = async (): Promise<Parts> => {
    const facts = await wanted.read(look);
    return facts === null ? {} : await asText(wanted.parts(facts, look));
  };
  const { pathname, search } = new URL(context.req.url);
  context.header('X-Accel-Buffering', 'no');
  return streamSSE(context, async (stream) => {
    const endsAtMs = Date.now() + LONGEST_MS;
    const send = (event: string, data: string): void => {
      // A page that is gone is noticed by `onAbort`.
      stream.writeSSE({ event, data }).catch(() => undefined);
    };
    const stop = hub.watch(`${look.role} ${pathname}${search}`, read, {
      onParts: (parts) => send('parts', JSON.stringify(parts)),
      onTrouble: () => send('trouble', ''),
    });
    stream.onAbort(stop);
    while (!stream.aborted && Date.now() < endsAtMs) {
      await stream.sleep(ALIVE_EVERY_MS);
      await stream.write(': alive\n\n');
    }
    stop();
  });
}

async function asText(parts: Record<string, Html>): Promise<Parts> {
  const texts = await Promise.all(
    Object.entries(parts).map(async ([id, markup]) => [id, String(await markup)] as const),
  );
  return Object.fromEntries(texts);
}
