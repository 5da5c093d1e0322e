import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { ApiAnswer } from '../core/answer/api-answer.ts';
import { classifyResponse } from '../core/answer/classify-response.ts';
import type { Source } from '../core/manifest/source.ts';
import type { Authorizer } from './authorizer.ts';
import { endpointUrl } from './endpoint-url.ts';
import { exchange } from './exchange.ts';
import type { KlingClient } from './kling-client.ts';

const DEFAULT_TIMEOUT_MS = 120_000;

/**
 * How long an unused connection is kept. Below the 5 s after which Node's servers, and the 60 s after which
 * most gateways, close theirs: a call on a connection that is closed just then ends as `unconfirmed`.
 */
const IDLE_CONNECTION_MS = 4_000;

/** A shorter text may stand in an answer by chance, and is no secret worth the name. */
const MIN_SECRET_LENGTH = 8;

export interface KlingClientOptions {
  /** For example `https://api.cometapi.com/kling`; trailing slashes do not matter. */
  baseUrl: string;
  authorizer: Authorizer;
  /** Calls expected at once, from 1: so many idle connections are kept. It is not a limit; that is the gate's. */
  concurrency: number;
  /** For one call as a whole, in ms. Default 120 s: Kling fetches and normalises the clip inside the call. */
  timeoutMs?: number;
  /** Some gateways refuse `task_id`. Default `always`. */
  sendTaskId?: 'always' | 'never';
}

/**
 * The client over HTTP. Throws a `TypeError` at once when `baseUrl` is not usable. Disposing it closes its
 * connections; calls under way end as after an abort.
 */
export function createKlingClient(options: KlingClientOptions): KlingClient & AsyncDisposable {
  const url = endpointUrl(options.baseUrl);
  const { authorizer, timeoutMs = DEFAULT_TIMEOUT_MS, sendTaskId = 'always' } = options;
  const agentOptions = {
    keepAlive: true,
    maxFreeSockets: options.concurrency,
    timeout: IDLE_CONNECTION_MS,
  };
  const agents = { http: new HttpAgent(agentOptions), https: new HttpsAgent(agentOptions) };

  async function ask(source: Source, signal: AbortSignal): Promise<ApiAnswer> {
    const credentials = await prepare(authorizer);
    if (credentials === null) return NO_CREDENTIALS;
    if (signal.aborted) return ABORTED;
    const headers = {
      ...credentials,
      'content-type': 'application/json',
      accept: 'application/json',
      'user-agent': 'kling-sessions',
    };
    const body = JSON.stringify(requestBody(source, sendTaskId));
    const answer = await exchange({ url, headers, body, timeoutMs, agents, signal });
    return withoutSecrets(answer, Object.values(credentials));
  }

  return {
    async initSelection(source, { signal }) {
      const startedMs = performance.now();
      const answer = await ask(source, signal);
      const durationMs = Math.round(performance.now() - startedMs);
      return { ...classifyResponse(answer, Date.now()), durationMs };
    },
    async [Symbol.asyncDispose]() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
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

async function prepare(authorizer: Authorizer): Promise<Record<string, string> | null> {
  try {
    return await authorizer.authorize();
  } catch {
    return null;
  }
}

/** Only what is there: the API refuses empty strings and both sources at once. */
function requestBody(source: Source, sendTaskId: 'always' | 'never'): Record<string, string> {
  if (source.kind === 'url') return { video_url: source.videoUrl };
  const { videoId, taskId } = source;
  return sendTaskId === 'never' || taskId === ''
    ? { video_id: videoId }
    : { video_id: videoId, task_id: taskId };
}

/** Gateways like to quote the key that they did not accept; it must not reach the report or the log. */
function withoutSecrets(answer: ApiAnswer, headerValues: string[]): ApiAnswer {
  const secrets = headerValues
    .map((value) => value.replace(/^\S+ /, ''))
    .filter((secret) => secret.length >= MIN_SECRET_LENGTH);
  const redact = (text: string) =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
  return answer.kind === 'response'
    ? { ...answer, body: redact(answer.body) }
    : { ...answer, message: redact(answer.message) };
}
