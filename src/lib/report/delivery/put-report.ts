import { createReadStream, fstatSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import got, { type Request } from 'got';
import { withinDeadline } from '../../network/deadline.ts';
import type { FindProxy } from '../../network/find-proxy.ts';
import { checkUrl, type Guard } from '../../network/guarded-lookup.ts';
import { CONNECT_TIMEOUTS, readBeginning, singleRequest } from '../../network/single-request.ts';
import { transportFailureOf } from '../../network/transport-failure.ts';

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
const STALL_MS = 60_000;
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
    // A server may answer and then close the connection before it has read everything.
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

const startPut = (url: URL, file: number, options: PutOptions, signal: AbortSignal): Request =>
  got.stream.put(url, {
    ...singleRequest(url, options, signal),
    body: createReadStream('', { fd: file, start: 0, autoClose: false }),
    headers: {
      'content-length': String(fstatSync(file).size),
      'user-agent': 'kling-sessions',
      ...(AZURE.test(url.hostname) && { 'x-ms-blob-type': 'BlockBlob' }),
    },
    timeout: { ...CONNECT_TIMEOUTS, socket: STALL_MS },
  });

/** Azure asks for the kind of blob; the others would ignore it. */
const AZURE = /\.blob\.core\.[a-z.]+$/i;
