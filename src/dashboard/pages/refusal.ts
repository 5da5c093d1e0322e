import { html } from 'hono/html';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { describeWait, retryAfter } from '../auth/login-limit.ts';
import type { DashboardContext, User } from '../dashboard-env.ts';
import { sentence as withCode } from '../parts/words.ts';
import { page } from './layout.ts';

/** Why a request is refused. */
export type Refusal =
  | { kind: 'not_logged_in' }
  /** Too many log-ins with wrong passwords from this network, or with this name. */
  | { kind: 'throttled'; waitMs: number }
  | { kind: 'viewer'; user: User }
  /** The token that proves that a change comes from our own pages is missing or belongs to an earlier session. */
  | { kind: 'outdated_page' }
  /** A change by a program in the form of another site's HTML form. */
  | { kind: 'not_json' }
  | { kind: 'strange_host' }
  | { kind: 'not_found'; what: string }
  /** The request is invalid; the sentence says why. */
  | { kind: 'unusable'; sentence: string }
  | { kind: 'too_large'; sentence: string }
  | { kind: 'no_room'; sentence: string }
  /** The request makes no sense, or not now; the sentence says why. */
  | { kind: 'impossible'; sentence: string }
  /** The limit of live pages is reached. */
  | { kind: 'too_many_pages' }
  /** The record is damaged in Redis; the sentence says so and what to do. */
  | { kind: 'unreadable'; sentence: string }
  | { kind: 'no_redis' }
  | { kind: 'failed' };

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
  strange_host: {
    status: 403,
    title: 'Unknown host name',
    sentence: 'Without a password the dashboard only answers to localhost and 127.0.0.1.',
  },
  too_many_pages: {
    status: 429,
    title: 'Too many open pages',
    sentence:
      'The limit of pages that update themselves is reached. Close some that are open elsewhere.',
  },
  no_redis: {
    status: 503,
    title: 'Redis cannot be reached',
    sentence: 'The page comes back when Redis does; you can wait without losing anything.',
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
    case 'strange_host':
    case 'too_many_pages':
    case 'no_redis':
    case 'failed':
      return FIXED[refusal.kind];
  }
}

/** Answers people with a page and programs with JSON: `{error: {code, message}}`. */
export async function refuse(context: DashboardContext, refusal: Refusal): Promise<Response> {
  const { status, title, sentence } = tell(refusal);
  if (refusal.kind === 'throttled') context.header('Retry-After', retryAfter(refusal.waitMs));
  if (!wantsPage(context)) {
    return context.json({ error: { code: refusal.kind, message: sentence } }, status);
  }
  if (refusal.kind === 'not_logged_in' && context.req.method === 'GET') {
    const { pathname, search } = new URL(context.req.url);
    return context.redirect(`/login?next=${encodeURIComponent(pathname + search)}`, 303);
  }
  const content = html`<section class="card"><h1>${title}</h1><p>${withCode(sentence)}</p></section>`;
  return await page(context, { title, status, content });
}

const wantsPage = ({ req }: DashboardContext): boolean =>
  !req.path.startsWith('/api/') && (req.header('accept') ?? '').includes('text/html');
