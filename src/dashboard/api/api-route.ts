import { z } from 'zod';
import { UnusableRequest } from '../../lib/requests/unusable-request.ts';
import { sayWhatIsWanted } from '../../lib/settings/schema-words.ts';
import type { DashboardContext } from '../dashboard-env.ts';
import { type ErrorCode, type Refusal, refuse } from '../pages/refusal.ts';
import type { Route } from '../route.ts';

/** The root of the API, with the version of its shapes. */
export const API_ROOT = '/api/v1';

/** Schemas with a name in the API's description. */
export const NAMED_SCHEMAS = z.registry<{ id: string }>();

export function named<T extends z.ZodType>(id: string, schema: T): T {
  NAMED_SCHEMAS.add(schema, { id });
  return schema;
}

/** The same for requests: the description shows them before parsing. */
export const NAMED_BODIES = z.registry<{ id: string }>();

export function namedBody<T extends z.ZodType>(id: string, schema: T): T {
  NAMED_BODIES.add(schema, { id });
  return schema;
}

/** The description of a route. */
export interface Operation {
  summary: string;
  query: z.ZodObject | null;
  /** Null when the request has no body. */
  body: z.ZodType | null;
  /** Whether the body is a file instead. */
  takesFile: boolean;
  /** A schema with a name. */
  answer: z.ZodType;
  /** Media type of an answer other than JSON; null for JSON. */
  type: string | null;
  /** More than the summary says. Default none. */
  description?: string;
}

export interface ApiRoute extends Route {
  operation: Operation;
}

/** The result of a route. */
export type Reply<A> = { kind: 'answer'; answer: A } | { kind: 'refused'; refusal: Refusal };

export const answerWith = <A>(answer: A): Reply<A> => ({ kind: 'answer', answer });
export const refuseWith = (refusal: Refusal): Reply<never> => ({ kind: 'refused', refusal });

interface Spec<Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType> {
  summary: string;
  query?: Q;
  body?: B;
  /** Serialises answers; fields that it does not name are left out. */
  answer: A;
}

interface Input<Q, B> {
  context: DashboardContext;
  query: Q;
  body: B;
}

const NOTHING = z.object({});
/** Refusals in this program's words. */
const WORDS = { error: sayWhatIsWanted };

type Handle<Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType> = (
  input: Input<z.output<Q>, z.output<B>>,
) => Promise<Reply<z.input<A>>>;

/** `path` below `API_ROOT`, in Hono's form. */
export const get = <
  Q extends z.ZodObject = typeof NOTHING,
  B extends z.ZodType = typeof NOTHING,
  A extends z.ZodType = z.ZodType,
>(
  path: string,
  spec: Spec<Q, B, A>,
  handle: Handle<Q, B, A>,
): ApiRoute => route('GET', path, spec, handle);

/** A change, for operators. */
export const change = <
  Q extends z.ZodObject = typeof NOTHING,
  B extends z.ZodType = typeof NOTHING,
  A extends z.ZodType = z.ZodType,
>(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  spec: Spec<Q, B, A>,
  handle: Handle<Q, B, A>,
): ApiRoute => route(method, path, spec, handle);

/** A change with a file as its body: `handle` reads the stream of the request. */
export const upload = <
  Q extends z.ZodObject = typeof NOTHING,
  B extends z.ZodType = typeof NOTHING,
  A extends z.ZodType = z.ZodType,
>(
  path: string,
  spec: Omit<Spec<Q, B, A>, 'body'>,
  handle: Handle<Q, B, A>,
): ApiRoute => {
  const taken = route('POST', path, spec as Spec<Q, B, A>, handle);
  return { ...taken, body: 'streamed', operation: { ...taken.operation, takesFile: true } };
};

interface RawSpec<Q extends z.ZodObject> {
  summary: string;
  query: Q;
  /** Media type of the answer. */
  type: string;
  description?: string;
}

/** A route that answers with a file or a stream. */
export const getRaw = <Q extends z.ZodObject>(
  path: string,
  { summary, query, type, description }: RawSpec<Q>,
  handle: (input: { context: DashboardContext; query: z.output<Q> }) => Promise<Response>,
): ApiRoute => ({
  method: 'GET',
  path: API_ROOT + path,
  access: 'viewer',
  operation: {
    summary,
    query,
    body: null,
    takesFile: false,
    answer: z.string(),
    type,
    ...(description !== undefined && { description }),
  },
  handle: async (context) => {
    const asked = refuseOthers(query).safeParse(context.req.query(), WORDS);
    if (!asked.success) return badRequest(context, 'The query', asked.error);
    return await handle({ context, query: asked.data });
  },
});

function route<Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  { summary, query, body, answer }: Spec<Q, B, A>,
  handle: Handle<Q, B, A>,
): ApiRoute {
  return {
    method,
    path: API_ROOT + path,
    access: method === 'GET' ? 'viewer' : 'operator',
    operation: {
      summary,
      query: query ?? null,
      body: body ?? null,
      takesFile: false,
      answer,
      type: null,
    },
    handle: async (context) => {
      const asked = refuseOthers(query ?? NOTHING).safeParse(context.req.query(), WORDS);
      if (!asked.success) return badRequest(context, 'The query', asked.error);
      const sent = (body ?? NOTHING).safeParse(body ? await readJson(context) : {}, WORDS);
      if (!sent.success) return badRequest(context, 'The body', sent.error);
      const input = { context, query: asked.data, body: sent.data } as Parameters<typeof handle>[0];
      const reply = await handle(input).catch(refuseUnusable);
      if (reply.kind === 'refused') return await refuse(context, reply.refusal);
      return context.json(answer.parse(reply.answer) as object);
    },
  };
}

/** A mistyped parameter would otherwise count as none. */
const refuseOthers = <Q extends z.ZodObject>(query: Q): Q => query.strict() as unknown as Q;

/** A problem of a request that a schema cannot find. */
function refuseUnusable(error: unknown): Reply<never> {
  if (!(error instanceof UnusableRequest)) throw error;
  return refuseWith({ kind: 'unusable', sentence: error.message });
}

/** An absent body counts as an empty object. Undefined for anything that is not JSON. */
async function readJson({ req }: DashboardContext): Promise<unknown> {
  try {
    const text = await req.text();
    return text === '' ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reports every invalid value and what is wrong with it. */
function badRequest(context: DashboardContext, what: string, error: z.ZodError): Response {
  const wrong = error.issues.map(({ path, message }) =>
    [path.join('.'), message.replace(/\.$/, '')].filter(Boolean).join(': '),
  );
  const message = `${what} cannot be used: ${wrong.join('; ')}.`;
  const code: ErrorCode = 'bad_request';
  return context.json({ error: { code, message } }, 400);
}
