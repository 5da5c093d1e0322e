import {
  HOLD_EVERY_MS,
  type IdempotencyStore,
  type KeptAnswer,
} from '../lib/idempotency/idempotency-store.ts';
import type { ApiRoute } from './api/api-route.ts';
import type { DashboardContext } from './dashboard-env.ts';
import { refuse } from './pages/refusal.ts';
import type { DashboardPorts } from './ports.ts';
import { digestBody } from './uploads/receive-upload.ts';
import { refuseArrival } from './uploads/refuse-arrival.ts';

/** The request header by which a change may be repeated without being made twice (draft-ietf-httpapi-idempotency-key). */
export const KEY_HEADER = 'Idempotency-Key';
/** Marks a stored answer. */
const REPLAYED_HEADER = 'Idempotency-Replayed';

const KEY = /^[\x21-\x7e]{1,200}$/;
const KEY_RULE = `${KEY_HEADER}: use 1 to 200 printable ASCII characters without spaces, such as a UUID.`;
const HOUR_MS = 3_600_000;

type Ports = Pick<DashboardPorts, 'idempotency' | 'uploads'>;

/** A change that gives the same answer to the same request with the same key, for 24 h. */
export function answerOnce(ports: Ports, route: ApiRoute): ApiRoute {
  if (route.method === 'GET') return route;
  return {
    ...route,
    handle: async (context) => {
      const key = context.req.header(KEY_HEADER);
      if (key === undefined) return await route.handle(context);
      if (!KEY.test(key)) return await refuse(context, { kind: 'unusable', sentence: KEY_RULE });
      return await handleOnce(ports, route, context, key);
    },
  };
}

async function handleOnce(
  ports: Ports,
  route: ApiRoute,
  context: DashboardContext,
  key: string,
): Promise<Response> {
  const store = ports.idempotency;
  const request = await describeRequest(route, context);
  const begun = await store.begin(context.var.user.name, key, request);
  switch (begun.kind) {
    case 'first': {
      const answer = await whileHolding(store, begun.place, () => route.handle(context));
      return await keep(store, begun.place, request, answer, context.get('fileDigest') ?? null);
    }
    case 'answered':
      return await replay(ports, context, begun.answer);
    case 'under_way':
      return await refuse(context, { kind: 'key_under_way' });
    case 'other_request':
      return await refuse(context, { kind: 'key_of_other_request' });
    case 'too_many': {
      const sentence = `You have used ${begun.max} keys within 24 h; send no ${KEY_HEADER}, or try again later.`;
      return await refuse(context, { kind: 'too_many_requests', sentence, waitMs: HOUR_MS });
    }
  }
}

/**
 * The kept answer, once it is certain that the request is the same. A file is read to its end to know its digest; the
 * answer to another file of the same length would name a manifest that the caller never sent.
 */
async function replay(
  { uploads }: Ports,
  context: DashboardContext,
  { status, body, fileDigest }: KeptAnswer,
): Promise<Response> {
  if (fileDigest !== null) {
    const sent = await digestBody(context.env.incoming, uploads.maxBytes);
    if (sent.kind !== 'digested') return await refuse(context, refuseArrival(sent.kind, uploads));
    if (sent.digest !== fileDigest) return await refuse(context, { kind: 'key_of_other_request' });
  }
  context.header(REPLAYED_HEADER, 'true');
  context.header('Content-Type', 'application/json');
  return context.body(body, status as 200);
}

/** Method, address and body, except a file: it is known by its digest once it has arrived. */
async function describeRequest(route: ApiRoute, { req }: DashboardContext): Promise<string> {
  const { pathname, search } = new URL(req.url);
  const body = route.body === 'streamed' ? '' : await req.text();
  return [req.method, pathname + search, body].join('\0');
}

async function whileHolding(
  store: IdempotencyStore,
  place: string,
  handle: () => Response | Promise<Response>,
): Promise<Response> {
  const timer = setInterval(() => store.hold(place).catch(() => undefined), HOLD_EVERY_MS);
  try {
    return await handle();
  } catch (error) {
    await store.release(place).catch(() => undefined);
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/** A refusal changes nothing, so the same key may be tried again. */
async function keep(
  store: IdempotencyStore,
  place: string,
  request: string,
  answer: Response,
  fileDigest: string | null,
): Promise<Response> {
  if (!answer.ok) await store.release(place);
  else {
    const body = await answer.clone().text();
    await store.finish(place, request, { status: answer.status, body, fileDigest });
  }
  return answer;
}
