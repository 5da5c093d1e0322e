import http from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { checkUrl, type Guard, guardedLookup } from '../../network/guarded-lookup.ts';
import { ReadError } from '../read-error.ts';
import { inOrder } from './in-order.ts';
import { type HttpTimeouts, sendRequest } from './send-request.ts';
import { translateTransportError } from './transport-failure.ts';

const MAX_REDIRECTS = 5;
const MAX_HEADER_BYTES = 32 * 1024;
/** This much of a redirect's body is read to keep the connection; a longer one closes it. */
const MAX_DRAINED_BYTES = 16 * 1024;
/** Below the 5 s after which Node's own servers close an idle connection. */
const IDLE_SOCKET_MS = 4_000;

/** What one probe used of the network. */
export interface Traffic {
  requests: number;
  bytesRead: number;
}

interface GetRequest {
  url: URL;
  /** First and last byte wanted; without `last`, to the end. */
  range?: { first: number; last?: number };
  signal: AbortSignal;
  traffic: Traffic;
}

export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  /** As sent (still encoded). Reading it to its end keeps the connection; stopping earlier closes it. */
  body: AsyncIterable<Buffer>;
  /** The target of the redirects. */
  url: URL;
  /** Closes the answer without reading it. */
  close(): void;
}

/** GET requests to hosts that the guard accepts, on connections that are kept and reused. */
export interface HttpGetter extends Disposable {
  /** Follows at most five redirects. Throws `ReadError`. */
  get(request: GetRequest): Promise<Answer>;
}

export interface HttpGetterOptions {
  guard: Guard;
  timeouts: HttpTimeouts;
  userAgent: string;
}

/** Owns the connections; dispose it to close them. */
export function createHttpGetter(options: HttpGetterOptions): HttpGetter {
  const agentOptions = { keepAlive: true, timeout: IDLE_SOCKET_MS, scheduling: 'lifo' as const };
  const agents = {
    http: new http.Agent(agentOptions),
    https: new https.Agent(agentOptions),
  };
  return {
    async get(request) {
      let url = request.url;
      for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
        check(url, options.guard);
        const answer = await getOnce({ ...request, url }, options, agents);
        const next = redirectTarget(answer);
        if (next === null) {
          return answer;
        }
        await drain(answer);
        url = next;
      }
      throw new ReadError('redirects', `more than ${MAX_REDIRECTS} redirects`, {
        isRetryable: false,
      });
    },
    [Symbol.dispose]() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

function check(url: URL, guard: Guard): void {
  try {
    checkUrl(url, guard);
  } catch (error) {
    throw translateTransportError(error);
  }
}

type Agents = { http: http.Agent; https: https.Agent };

async function getOnce(
  request: GetRequest,
  options: HttpGetterOptions,
  agents: Agents,
): Promise<Answer> {
  const first = await open(request, options, agents);
  if (first.kind === 'stale') {
    // The server closed an idle connection just as it was taken; a new connection gives the real
    // result.
    const second = await open(request, options, { http: freshAgent(), https: freshTlsAgent() });
    return second.kind === 'stale' ? raise(second.error) : second.answer;
  }
  return first.answer;
}

const freshAgent = (): http.Agent => new http.Agent({ keepAlive: false });
const freshTlsAgent = (): https.Agent => new https.Agent({ keepAlive: false });

type Opened = { kind: 'answer'; answer: Answer } | { kind: 'stale'; error: ReadError };

function open(request: GetRequest, options: HttpGetterOptions, agents: Agents): Promise<Opened> {
  const { url, signal, traffic } = request;
  const sent = send(request, options, agents);
  traffic.requests += 1;
  return new Promise((resolve, reject) => {
    sent.once('error', (error: Error) => {
      const failure = translateTransportError(error);
      if (signal.aborted) {
        reject(signal.reason);
      } else if (sent.reusedSocket && failure.failure.code === 'reset') {
        resolve({ kind: 'stale', error: failure });
      } else {
        reject(failure);
      }
    });
    sent.once('response', (response) => {
      const answer = {
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: countedBody(response, request),
        url,
        close: () => void response.destroy(),
      };
      // An unread answer may still break; that does not matter.
      for (const stream of [sent, response]) stream.on('error', () => {});
      resolve({ kind: 'answer', answer });
    });
  });
}

function send(
  { url, range, signal }: GetRequest,
  options: HttpGetterOptions,
  agents: Agents,
): http.ClientRequest {
  try {
    return sendRequest(url, {
      agents,
      lookup: guardedLookup(url, options.guard),
      headers: {
        accept: '*/*',
        // A range of an encoded body is of no use, and videos do not compress.
        'accept-encoding': 'identity',
        'user-agent': options.userAgent,
        ...(range && { range: `bytes=${range.first}-${range.last ?? ''}` }),
      },
      maxHeaderSize: MAX_HEADER_BYTES,
      signal,
      timeouts: options.timeouts,
    });
  } catch (error) {
    throw new ReadError('url_unsupported', 'the URL cannot be requested', {
      isRetryable: false,
      cause: error,
    });
  }
}

async function* countedBody(
  stream: Readable,
  { signal, traffic }: GetRequest,
): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of inOrder(stream)) {
      traffic.bytesRead += chunk.length;
      yield chunk;
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : translateTransportError(error);
  }
}

const REDIRECT_STATUSES = new Set([301, 302, 303, 307, 308]);

/** The URL's credentials are not sent to a redirect's target, which has its own or none. */
function redirectTarget({ status, headers, url }: Answer): URL | null {
  const { location } = headers;
  if (!REDIRECT_STATUSES.has(status) || location === undefined) {
    return null;
  }
  // Headers are read as Latin-1, but servers send UTF-8.
  const target = Buffer.from(location, 'latin1').toString();
  return URL.canParse(target, url.href)
    ? new URL(target, url)
    : raise(new ReadError('redirects', 'the redirect leads nowhere', { isRetryable: false }));
}

async function drain(answer: Answer): Promise<void> {
  let drainedBytes = 0;
  for await (const chunk of answer.body) {
    drainedBytes += chunk.length;
    if (drainedBytes > MAX_DRAINED_BYTES) {
      return;
    }
  }
}

function raise(error: unknown): never {
  throw error;
}
