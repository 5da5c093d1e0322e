import type { TransportProblem } from '../core/answer/api-answer.ts';
import { type ConnectionTrouble, codeOf, troubleOf } from '../network/connection-trouble.ts';

const PROBLEMS: Readonly<Record<ConnectionTrouble, TransportProblem>> = {
  no_such_host: 'dns',
  dns: 'dns',
  refused: 'refused',
  unreachable: 'unreachable',
  timeout: 'timeout',
  reset: 'reset',
  tls: 'tls',
  proxy_failed: 'proxy_failed',
  proxy_refused: 'proxy_refused',
  // The key's header is the only one with a value from the user.
  bad_header: 'authorization',
  long_headers: 'not_http',
  not_http: 'not_http',
  undecodable: 'undecodable',
  aborted: 'aborted',
  other: 'transport',
};

const MEANINGS: Readonly<Record<TransportProblem, string>> = {
  authorization: 'the credentials cannot be sent',
  dns: "the name of the API's host cannot be resolved",
  refused: 'the API refused the connection',
  unreachable: 'the API cannot be reached',
  tls: 'no secure connection to the API',
  timeout: 'the API did not answer in time',
  reset: 'the connection to the API broke',
  aborted: 'the call was interrupted',
  not_http: 'the answer is not HTTP',
  too_large: 'the answer is too large',
  undecodable: 'the answer cannot be decompressed',
  proxy_failed: 'there is no way to the API',
  proxy_refused: 'there is no way to the API; check HTTPS_PROXY and HTTP_PROXY',
  transport: 'the call failed',
};

/** What an error of the HTTP library means. */
export const transportProblemOf = (error: unknown): TransportProblem => PROBLEMS[troubleOf(error)];

/** One clause for people, without secrets as long as the library's message has none. */
export function describeTransportError(error: unknown): string {
  const meaning = MEANINGS[transportProblemOf(error)];
  return error instanceof Error ? `${meaning} (${error.message})` : meaning;
}

/**
 * Whether the API may have received the whole request.
 *  *
 * It may, once there was a connection (with TLS: a secure one) to write to. This includes a reused connection: if the
 * other side closes it at that moment, it is unknown whether it read the request first. `EPIPE` is the exception: the
 * system refused a part of the request, so it was never sent in full.
 */
export function mayHaveBeenSent(error: unknown, wasConnected: boolean): boolean {
  return wasConnected && codeOf(error) !== 'EPIPE';
}
