import { html } from 'hono/html';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { describeWait, retryAfter } from '../auth/login-limit.ts';
import type { DashboardContext, Html, User } from '../dashboard-env.ts';
import { sentence as withCode } from '../parts/words.ts';
import { page } from './layout.ts';

/** Why a request is refused. */
export type Refusal =
  | { kind: 'not_logged_in' }
  /** Too many log-ins with wrong passwords from this network, or with this name. */
  | { kind: 'throttled'; waitMs: number }
  | { kind: 'viewer'; user: User }
  /** A token that does not open this; the sentence says why. */
  | { kind: 'bad_token'; sentence: string }
  /** A token has made its requests of this minute. */
  | { kind: 'too_many_requests'; sentence: string; waitMs: number }
  /** The token that proves that a change comes from our own pages is missing or belongs to an earlier session. */
  | { kind: 'outdated_page' }
  /** A change by a program in the form of another site's HTML form. */
  | { kind: 'not_json' }
  | { kind: 'strange_host' }
  /** People log in at a reverse proxy, and this request shows no such log-in; the sentence says why. */
  | { kind: 'not_by_proxy'; sentence: string }
  | { kind: 'not_found'; what: string }
  /** The request is invalid; the sentence says why. */
  | { kind: 'unusable'; sentence: string }
  | { kind: 'length_required' }
  | { kind: 'too_large'; sentence: string }
  | { kind: 'no_room'; sentence: string }
  /** The request makes no sense, or not now; the sentence says why. */
  | { kind: 'impossible'; sentence: string }
  /** The first request with this `Idempotency-Key` has no answer yet. */
  | { kind: 'key_under_way' }
  /** The `Idempotency-Key` was sent with another request. */
  | { kind: 'key_of_other_request' }
  /** The limit of live pages is reached. */
  | { kind: 'too_many_pages' }
  /** The record is damaged in Redis; the sentence says so and what to do. */
  | { kind: 'unreadable'; sentence: string }
  | { kind: 'no_redis' }
  | { kind: 'failed' };

/** Every code of a refusal; part of the API, so none is renamed. */
export const ERROR_CODES = [
  'bad_request',
  'not_logged_in',
  'throttled',
  'viewer',
  'bad_token',
  'too_many_requests',
  'not_by_proxy',
  'outdated_page',
  'not_json',
  'strange_host',
  'not_found',
  'unusable',
  'length_required',
  'too_large',
  'no_room',
  'impossible',
  'key_under_way',
  'key_of_other_request',
  'too_many_pages',
  'unreadable',
  'no_redis',
  'failed',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

interface Told {
  status: ContentfulStatusCode;
  title: string;
  sentence: string;
}

/** The constant part. */
const FIXED = {
  not_logged_in: { status: 401, title: 'Log in', sentence: 'Please log in first.' },
  outdated_page: {
    status: 403,
    title: 'The page was outdated',
    sentence: 'Nothing was changed. Reload the page and try again.',
  },
  not_json: {
    status: 403,
    title: 'Not sent as JSON',
    sentence:
      'Nothing was changed. Send the header `Content-Type: application/json`, also without a body, or `application/octet-stream` with a file.',
  },
  length_required: {
    status: 411,
    title: 'Without a length',
    sentence: 'A request with a body needs a Content-Length.',
  },
  strange_host: {
    status: 403,
    title: 'Unknown host name',
    sentence: 'Without a password the dashboard only answers to localhost and 127.0.0.1.',
  },
  key_under_way: {
    status: 409,
    title: 'Under way',
    sentence:
      'A request with this Idempotency-Key is under way. Send the same request again in a moment, to get its answer.',
  },
  key_of_other_request: {
    status: 422,
    title: 'The key of another request',
    sentence:
      'This Idempotency-Key was sent with another request (method, address or body) in the last 24 h. Nothing was changed. Use a new key for a new request.',
  },
  too_many_pages: {
    status: 429,
    title: 'Too many open pages',
    sentence: 'Too many pages with live updates are open. Close some of them.',
  },
  no_redis: {
    status: 503,
    title: 'Redis cannot be reached',
    sentence: 'This page returns when Redis does. Nothing is lost while you wait.',
  },
  failed: {
    status: 500,
    title: 'Something went wrong',
    sentence: 'This is a bug; the log of the dashboard has the details.',
  },
} as const satisfies Partial<Record<Refusal['kind'], Told>>;

function tell(refusal: Refusal): Told {
  switch (refusal.kind) {
    case 'throttled':
      return { status: 429, title: 'Too many tries', sentence: describeWait(refusal.waitMs) };
    case 'viewer':
      return {
        status: 403,
        title: 'Not allowed',
        sentence: `${refusal.user.name} may view everything but change nothing; ask an operator.`,
      };
    case 'bad_token':
      return { status: 401, title: 'Not a valid token', sentence: refusal.sentence };
    case 'too_many_requests':
      return { status: 429, title: 'Too many requests', sentence: refusal.sentence };
    case 'not_by_proxy':
      return { status: 403, title: 'Not logged in', sentence: refusal.sentence };
    case 'not_found':
      return { status: 404, title: 'Not found', sentence: `There is no ${refusal.what}.` };
    case 'unusable':
      return { status: 400, title: 'Not usable', sentence: refusal.sentence };
    case 'too_large':
      return { status: 413, title: 'Too large', sentence: refusal.sentence };
    case 'no_room':
      return { status: 507, title: 'No room', sentence: refusal.sentence };
    case 'impossible':
      return { status: 409, title: 'Not possible', sentence: refusal.sentence };
    case 'unreadable':
      return { status: 409, title: 'Damaged', sentence: refusal.sentence };
    case 'not_logged_in':
    case 'outdated_page':
    case 'not_json':
    case 'length_required':
    case 'strange_host':
    case 'key_under_way':
    case 'key_of_other_request':
    case 'too_many_pages':
    case 'no_redis':
    case 'failed':
      return FIXED[refusal.kind];
  }
}

/** Answers people with a page and programs with JSON: `{error: {code, message}}`. */
export async function refuse(context: DashboardContext, refusal: Refusal): Promise<Response> {
  const { status, title, sentence } = tell(refusal);
  if ('waitMs' in refusal) context.header('Retry-After', retryAfter(refusal.waitMs));
  if (!wantsPage(context)) {
    const code: ErrorCode = refusal.kind;
    return context.json({ error: { code, message: sentence } }, status);
  }
  if (refusal.kind === 'not_logged_in' && context.req.method === 'GET') {
    const { pathname, search } = new URL(context.req.url);
    return context.redirect(`/login?next=${encodeURIComponent(pathname + search)}`, 303);
  }
  const content = html`<section class="card"><h1>${title}</h1><p>${withCode(sentence)}</p>${wayBack(context)}</section>`;
  return await page(context, { title, status, content });
}

/** To the page that a change came from, or to the list of what does not exist. */
function wayBack({ req, var: known }: DashboardContext): Html {
  if ((known.user as User | undefined) === undefined)
    return html`<p><a href="/">To the start</a></p>`;
  const [kind = '', name = ''] = req.path.split('/').slice(1);
  const here =
    req.method === 'GET' ? null : WAYS[kind] && `/${kind}${name === '' ? '' : `/${name}`}`;
  const list = WAYS[kind];
  const sought = html` · <a href="/search?q=${encodeURIComponent(name)}">Find ${name}</a>`;
  return html`<p>${here && html`<a href="${here}">Back</a> · `}${list && html`<a href="/${kind}">${list}</a> · `}<a href="/">Overview</a>${kind === 'batches' && name !== '' && sought}</p>`;
}

/** Lists of things that may not exist. */
const WAYS: Readonly<Record<string, string>> = {
  batches: 'All batches',
  schedules: 'All schedules',
  upload: 'Upload',
  limits: 'Limits',
  'bulk-actions': 'Bulk actions',
};

const wantsPage = ({ req }: DashboardContext): boolean =>
  !req.path.startsWith('/api/') && (req.header('accept') ?? '').includes('text/html');
