import { type Agent, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { ApiAnswer } from '../core/answer/api-answer.ts';
import { classifyResponse } from '../core/answer/classify-response.ts';
import { requestBody, type Source } from '../core/manifest/source.ts';
import { withinDeadline } from '../network/deadline.ts';
import { proxyAgent } from '../network/proxy-agent.ts';
import type { Authorizer } from './authorizer.ts';
import { ConnectionPool } from './connection-pool.ts';
import { endpointUrl } from './endpoint-url.ts';
import { exchange, type StartPost } from './exchange.ts';
import type { KlingClient } from './kling-client.ts';
import { endpointOf } from './post.ts';
import { withoutSecrets } from './without-secrets.ts';

const DEFAULT_TIMEOUT_MS = 120_000;

/**
 * How long an unused connection is kept. Node's servers close theirs after 5 s and most gateways after 60 s; this is
 * below both, because a call on a connection that is being closed ends as `unconfirmed`.
 */
const IDLE_CONNECTION_MS = 4_000;

/** Kling: the token is not valid yet, or expired. */
const OUTDATED_TOKEN: ReadonlySet<string> = new Set(['1003', '1004']);

/**
 * A connection is used again only 100 ms after an answer, so a sequence of quick calls needs this many to take turns.
 */
const FEWEST_IDLE = 32;

export interface KlingClientOptions {
  /** For example `https://api.cometapi.com/kling`; trailing slashes are ignored. */
  baseUrl: string;
  authorizer: Authorizer;
  /**
   * Expected calls at once, from 1: twice as many idle connections are kept, and at least 32. The gate limits calls,
   * not this value.
   */
  concurrency: number;
  /** Time limit of a whole call, in ms. Default 120 s: Kling fetches and normalises the video during the call. */
  timeoutMs?: number;
  /** The proxy for calls; default none. */
  proxy?: URL | null;
  /** Some gateways refuse `task_id`. Default `always`. */
  sendTaskId?: 'always' | 'never';
  /** Begins a request; for tests. Default: over HTTP. */
  startPost?: StartPost;
}

/**
 * The client over HTTP. Throws a `TypeError` at once if `baseUrl` is unusable. Disposing closes its connections;
 * calls under way end as after an abort.
 */
export function createKlingClient(options: KlingClientOptions): KlingClient & AsyncDisposable {
  const url = endpointUrl(options.baseUrl);
  const endpoint = endpointOf(url);
  const { authorizer, startPost, timeoutMs = DEFAULT_TIMEOUT_MS, sendTaskId = 'always' } = options;
  const connections = new ConnectionPool({
    open: () => openLine(url, options.proxy ?? null),
    maxIdle: Math.max(FEWEST_IDLE, 2 * options.concurrency),
    now: () => performance.now(),
  });

  async function ask(source: Source, signal: AbortSignal): Promise<ApiAnswer> {
    const startedMs = performance.now();
    const credentials = await prepare(authorizer, { timeoutMs, signal });
    if (signal.aborted) return ABORTED;
    if (credentials === null) return NO_CREDENTIALS;
    const body = JSON.stringify(requestBody(source, sendTaskId));
    const agent = await connections.take();
    try {
      const leftMs = Math.max(1, timeoutMs - (performance.now() - startedMs));
      const sending = { endpoint, headers: credentials, body, timeoutMs: leftMs, agent, signal };
      const answer = await exchange({ ...sending, ...(startPost && { startPost }) });
      return withoutSecrets(answer, credentials);
    } finally {
      connections.giveBack(agent);
    }
  }

  return {
    async initSelection(source, { signal }) {
      const startedMs = performance.now();
      let result = classifyResponse(await ask(source, signal), Date.now());
      if (!result.ok && authorizer.renew && OUTDATED_TOKEN.has(result.failure.code)) {
        // Refused before anything was done, so the same call may be made again.
        authorizer.renew();
        result = classifyResponse(await ask(source, signal), Date.now());
      }
      return { ...result, durationMs: Math.round(performance.now() - startedMs) };
    },
    async [Symbol.asyncDispose]() {
      connections[Symbol.dispose]();
    },
  };
}

function openLine({ protocol }: URL, proxy: URL | null): Agent {
  const agentOptions = { keepAlive: true, maxFreeSockets: 1, timeout: IDLE_CONNECTION_MS };
  if (proxy !== null) return proxyAgent(proxy, protocol, agentOptions);
  return protocol === 'https:' ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions);
}

const NO_CREDENTIALS: ApiAnswer = {
  kind: 'transport_error',
  wasSent: false,
  problem: 'authorization',
  message: 'the credentials for the API could not be prepared',
};

const ABORTED: ApiAnswer = {
  kind: 'transport_error',
  wasSent: false,
  problem: 'aborted',
  message: 'the call was interrupted before it was made',
};

async function prepare(
  authorizer: Authorizer,
  deadline: { timeoutMs: number; signal: AbortSignal },
): Promise<Record<string, string> | null> {
  try {
    const credentials = authorizer.authorize();
    if (!(credentials instanceof Promise)) return credentials;
    return await withinDeadline(async () => await credentials, deadline);
  } catch {
    return null;
  }
}
