import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** The nth call opens the session of this number plus n. */
const FIRST_SESSION = 700_000_000_000_000_000n;

const PATH = '/kling/v1/videos/multi-elements/init-selection';

export interface ApiServerOptions {
  key?: string;
  /** How long a call takes. */
  delayMs?: number;
  /** Error answers by call, counted from 1; null lets the call succeed. */
  fail?: (call: ApiCall, nth: number) => ApiError | null;
  /** Looks at the header instead of comparing the key; null where the call is allowed. */
  isAllowed?: (authorization: string | undefined) => Promise<ApiError | null>;
}

export interface ApiError {
  status: number;
  code: number | string;
  message: string;
  data?: unknown;
}

/** One call as the API saw it. */
export interface ApiCall {
  authorization: string | undefined;
  body: Record<string, unknown>;
}

/**
 * A second, independent implementation of the API's contract: only what the program must be able to rely on. It
 * counts the calls, so that tests can check what was paid for.
 */
export interface ApiServer extends AsyncDisposable {
  /** The value for API_BASE_URL. */
  baseUrl: string;
  calls: readonly ApiCall[];
  /** How long a call takes from now on. */
  delayMs: number;
  /** Calls by the video or the Kling id they were about. */
  callsBySource(): Map<string, number>;
  /** The video or the Kling id that a session was opened for. */
  sourceOf(sessionId: string): string;
  /** Resolves after this many calls. */
  waitForCalls(count: number): Promise<void>;
}

export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const { key = 'test-key', fail } = options;
  const calls: ApiCall[] = [];
  const watchers = new Set<() => void>();
  const server = createServer(async (request, response) => {
    const call = await readCall(request);
    calls.push(call);
    for (const watcher of watchers) watcher();
    const nth = calls.length;
    await wait(api.delayMs);
    const refusal = options.isAllowed
      ? await options.isAllowed(call.authorization)
      : check(request, call, key);
    const error = refusal ?? fail?.(call, nth) ?? null;
    if (error === null) succeed(response, nth);
    else send(response, error.status, { ...error, status: undefined });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const api: ApiServer = {
    baseUrl: `http://127.0.0.1:${port}/kling`,
    calls,
    delayMs: options.delayMs ?? 0,
    callsBySource: () => countSources(calls),
    sourceOf: (sessionId) => sourceOfCall(calls[Number(BigInt(sessionId) - FIRST_SESSION) - 1]),
    waitForCalls: async (count) => {
      await new Promise<void>((resolve) => {
        const look = (): void => {
          if (calls.length < count) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      });
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return api;
}

async function readCall(request: IncomingMessage): Promise<ApiCall> {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part;
  const { authorization } = request.headers;
  try {
    return { authorization, body: JSON.parse(text) };
  } catch {
    return { authorization, body: {} };
  }
}

/** The API page: a key, one path, and either a video_url or a video_id with its task_id. */
function check(request: IncomingMessage, call: ApiCall, key: string): ApiError | null {
  if (call.authorization !== `Bearer ${key}`) {
    return { status: 401, code: 1002, message: 'Authorization invalid' };
  }
  if (request.method !== 'POST' || request.url !== PATH) {
    return { status: 404, code: 1203, message: 'no such resource' };
  }
  const { video_url, video_id, task_id, ...unknown } = call.body;
  const isUrl = isText(video_url) && video_id === undefined && task_id === undefined;
  const isKling = isText(video_id) && isText(task_id) && video_url === undefined;
  if ((isUrl || isKling) && Object.keys(unknown).length === 0) return null;
  return { status: 400, code: 1201, message: 'give video_url, or video_id with task_id' };
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

function succeed(response: ServerResponse, nth: number): void {
  send(response, 200, {
    code: 0,
    message: 'SUCCEED',
    request_id: `request-${nth}`,
    data: { status: 0, session_id: String(FIRST_SESSION + BigInt(nth)), fps: 24 },
  });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const sourceOfCall = (call: ApiCall | undefined): string =>
  String(call?.body.video_url ?? call?.body.video_id);

function countSources(calls: readonly ApiCall[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const call of calls) {
    const source = sourceOfCall(call);
    counts.set(source, (counts.get(source) ?? 0) + 1);
  }
  return counts;
}
