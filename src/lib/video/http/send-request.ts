import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { PhaseWatch, watchConnecting } from '../../network/connect-phases.ts';
import { ReadError } from '../read-error.ts';

export interface HttpTimeouts {
  /** Resolving, connecting and the TLS handshake, each. */
  connectMs: number;
  /** From the request's end to the answer's first byte. */
  firstByteMs: number;
  /** Longest silence within an answer. */
  stallMs: number;
}

export interface RequestOptions {
  agents: { http: http.Agent; https: https.Agent };
  headers: http.OutgoingHttpHeaders;
  lookup: LookupFunction;
  maxHeaderSize: number;
  signal: AbortSignal;
  timeouts: HttpTimeouts;
}

/**
 * Sends a GET request with Node's own client, and with a deadline for each phase: for small answers a larger library
 * would cost more than the request. Failures come as `error` of the request or, once there is a response, of the
 * response: a `ReadError`, the signal's reason, or a system error. Throws if the URL cannot be requested.
 */
export function sendRequest(url: URL, options: RequestOptions): http.ClientRequest {
  const { agents, headers, lookup, maxHeaderSize, signal, timeouts } = options;
  const isTls = url.protocol === 'https:';
  const request = isTls
    ? https.request(url, { agent: agents.https, headers, lookup, maxHeaderSize })
    : http.request(url, { agent: agents.http, headers, lookup, maxHeaderSize });
  let response: http.IncomingMessage | null = null;
  const fail = (error: Error) => void (response ?? request).destroy(error);
  const watch = new PhaseWatch((what) => fail(late(what)));
  const onAbort = () => fail(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const isAnswered = () => watch.expect('no answer came', timeouts.firstByteMs);
  request.once('socket', (socket) => {
    const { connectMs } = timeouts;
    if (socket.connecting)
      watchConnecting(socket, { isTls, connectMs, watch, onConnected: isAnswered });
    else isAnswered();
  });
  request.once('response', (answer) => {
    response = answer;
    watch.end();
    // A `data` listener would start the flow before anything reads it. The socket itself knows how long it was idle.
    request.setTimeout(timeouts.stallMs, () => fail(late('no more bytes came in time')));
  });
  request.once('close', () => {
    watch.end();
    signal.removeEventListener('abort', onAbort);
  });
  request.end();
  return request;
}

const late = (what: string): ReadError => new ReadError('timeout', what, { isRetryable: true });
