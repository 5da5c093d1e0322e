import { once } from 'node:events';
import { html } from 'hono/html';
import { streamSSE } from 'hono/streaming';
import type { DashboardContext, Html, Role } from '../dashboard-env.ts';
import { page } from '../pages/layout.ts';
import { refuse } from '../pages/refusal.ts';
import type { Parameters } from '../parameters.ts';
import { type Route, view } from '../route.ts';
import { keepAlive } from './keep-alive.ts';
import type { LiveHub, Parts } from './live-hub.ts';
import { Outbox } from './outbox.ts';

/** The content of a page for one reader, given the request. */
export interface Look {
  param: (name: string) => string;
  query: (name: string) => string;
  /** Viewers do not see actions that they may not use. */
  role: Role;
}

/** A page whose parts are kept up to date while it is open. */
export interface LivePage<Facts> {
  path: string;
  /** The query parameters that it reads; default none. `query` has no others. */
  filters?: Parameters;
  /** Those that only its frame reads; default none. */
  framed?: Parameters;
  title: (look: Look) => string;
  /** Reads the content now and repeatedly; null when there is none. */
  read: (look: Look) => Promise<Facts | null>;
  /** What does not exist, for example `batch x`. */
  missing?: (look: Look) => string;
  /** Element id → markup. The same for everyone with the same role, so it must hold nothing personal. */
  parts: (facts: Facts, look: Look) => Record<string, Html>;
  /** The page around its parts. */
  frame: (part: (id: string) => Html, context: DashboardContext, facts: Facts) => Html;
}

/** Two routes: the complete page, and the stream of its changes under `/live`. */
export function livePage<Facts>(hub: LiveHub, wanted: LivePage<Facts>): Route[] {
  return [
    view(wanted.path, (context) => show(wanted, context), {
      ...wanted.filters,
      ...wanted.framed,
    }),
    view(`/live${wanted.path === '/' ? '' : wanted.path}`, (context) =>
      follow(hub, wanted, context),
    ),
  ];
}

const lookOf = <Facts>(context: DashboardContext, { filters = {} }: LivePage<Facts>): Look => ({
  param: (name) => context.req.param(name) ?? '',
  query: (name) => (Object.hasOwn(filters, name) ? (context.req.query(name) ?? '') : ''),
  role: context.var.user.role,
});

async function show<Facts>(wanted: LivePage<Facts>, context: DashboardContext): Promise<Response> {
  const look = lookOf(context, wanted);
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

async function follow<Facts>(
  hub: LiveHub,
  wanted: LivePage<Facts>,
  context: DashboardContext,
): Promise<Response> {
  const look = lookOf(context, wanted);
  const leave = hub.streams.enter(context.var.user.name);
  if (leave === null) return await refuse(context, { kind: 'too_many_pages' });
  const read = async (): Promise<Parts> => {
    const facts = await wanted.read(look);
    return facts === null ? {} : await asText(wanted.parts(facts, look));
  };
  context.header('X-Accel-Buffering', 'no');
  return streamSSE(context, async (stream) => {
    using life = keepAlive(stream, context);
    const outbox = new Outbox((event, data) => stream.writeSSE({ event, data }));
    const unwatch = hub.watch(keyOf(wanted, look, context), read, outbox);
    if (!life.ending.aborted) await once(life.ending, 'abort');
    unwatch();
    leave();
  });
}

/** Keyed by what the page reads: other query parameters do not make another page. */
function keyOf<Facts>(wanted: LivePage<Facts>, look: Look, context: DashboardContext): string {
  const { pathname } = new URL(context.req.url);
  const filters = Object.keys(wanted.filters ?? {}).map((name) => [name, look.query(name)]);
  return JSON.stringify([look.role, pathname, filters]);
}

async function asText(parts: Record<string, Html>): Promise<Parts> {
  const texts = await Promise.all(
    Object.entries(parts).map(async ([id, markup]) => [id, String(await markup)] as const),
  );
  return Object.fromEntries(texts);
}
