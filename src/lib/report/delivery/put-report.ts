import { createReadStream, fstatSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import got, { type Request } from 'got';
import { withinDeadline } from '../../network/deadline.ts';
import type { FindProxy } from '../../network/find-proxy.ts';
import { checkUrl, type Guard } from '../../network/guarded-lookup.ts';
import { transportFailureOf } from '../../network/transport-failure.ts';
import { wayTo } from '../../network/way-to.ts';

export interface PutOptions {
  guard: Guard;
  /** Default none. */
  findProxy?: FindProxy;
  /** Time limit of the whole request, in ms. Default 15 min. */
  timeoutMs?: number;
  signal: AbortSignal;
}

export type PutResult =
  | { kind: 'taken' }
  /** `reason`: half a sentence without the address. `isPassing`: another try may succeed. */
  | { kind: 'not_taken'; reason: string; isPassing: boolean };

const DEFAULT_TIMEOUT_MS = 15 * 60_000;
const CONNECT_MS = 10_000;
const STALL_MS = 60_000;
const MAX_HEADER_BYTES = 32 * 1024;
/** How much of the answer is read, so that the connection ends well; only the status decides. */
const MAX_ANSWER_BYTES = 2_000;
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * Sends an open file with one `PUT`, without redirects: a signature is for one address. There is no `Content-Type`,
 * as some signatures cover it. May run twice. Never rejects unless the signal is aborted.
 */
export async function putReport(url: URL, file: number, options: PutOptions): Promise<PutResult> {
  const { guard, timeoutMs = DEFAULT_TIMEOUT_MS, signal } = options;
  let request: Request | undefined;
  try {
    checkUrl(url, guard);
    await withinDeadline(
      async (deadline) => {
        request = startPut(url, file, options, deadline);
        await readBeginning(request);
      },
      { timeoutMs, signal },
    );
  } catch (error) {
    signal.throwIfAborted();
    // A server may answer, and break the connection before it has read everything.
    if (request?.response === undefined) {
      const { message, isRetryable } = transportFailureOf(error);
      return { kind: 'not_taken', reason: message, isPassing: isRetryable };
    }
  }
  return resultOf(request?.response?.statusCode ?? 0);
}

function resultOf(status: number): PutResult {
  if (status >= 200 && status < 300) return { kind: 'taken' };
  const words = STATUS_CODES[status];
  const answer = `the server answered ${status}${words === undefined ? '' : ` ${words}`}`;
  return {
    kind: 'not_taken',
    reason: `${answer}${ADVICE[status] ?? (status < 400 ? ', and redirects are not followed' : '')}`,
    isPassing: status >= 500 || PASSING_STATUSES.has(status),
  };
}

const EXPIRED = ', so the address may be signed for something else, or no longer be valid';
const ADVICE: Record<number, string> = { 400: EXPIRED, 401: EXPIRED, 403: EXPIRED };

function startPut(
  url: URL,
  file: number,
  { guard, findProxy }: PutOptions,
  signal: AbortSignal,
): Request {
  const request = got.stream.put(url, {
    body: createReadStream('', { fd: file, start: 0, autoClose: false }),
    headers: {
      'content-length': String(fstatSync(file).size),
      'user-agent': 'kling-sessions',
      ...(AZURE.test(url.hostname) && { 'x-ms-blob-type': 'BlockBlob' }),
    },
    ...wayTo(url, guard, findProxy),
    followRedirect: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    retry: { limit: 0 },
    signal,
    throwHttpErrors: false,
    timeout: {
      lookup: CONNECT_MS,
      connect: CONNECT_MS,
      secureConnect: CONNECT_MS,
      socket: STALL_MS,
    },
  });
  // An abort may break it right after the answer, when nothing reads it any more.
  request.on('error', () => undefined);
  return request;
}

/** Azure asks for the kind of blob; the others would ignore it. */
const AZURE = /\.blob\.core\.[a-z.]+$/i;

async function readBeginning(answer: AsyncIterable<Buffer>): Promise<void> {
  let sizeBytes = 0;
  for await (const chunk of answer) {
    sizeBytes += chunk.length;
    if (sizeBytes >= MAX_ANSWER_BYTES) return;
  }
}
