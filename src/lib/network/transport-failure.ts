import { TimeoutError } from 'got';
import { findAddressRefused } from './address-refused.ts';
import { type ConnectionTrouble, codeOf, troubleOf } from './connection-trouble.ts';
import { DeadlineExceeded } from './deadline.ts';
import { findProxyError } from './proxy-error.ts';

/** The meaning of each time-out of got here. */
const TIMEOUT_WORDS: Record<string, string> = {
  lookup: 'the name was not resolved',
  connect: 'no connection was made',
  secureConnect: 'no TLS session was made',
  response: 'no answer came',
  socket: 'no more bytes came',
};

/** Why a request got no answer, in this program's words. */
export interface TransportFailure {
  /** Stable. */
  code: string;
  message: string;
  /** A retry may succeed. */
  isRetryable: boolean;
}

const FAILURES: Record<
  ConnectionTrouble,
  readonly [code: string, message: string, isRetryable: boolean]
> = {
  no_such_host: ['dns', 'the host name does not exist', false],
  dns: ['dns', 'the host name could not be resolved', true],
  refused: ['connection_refused', 'connection refused', true],
  unreachable: ['unreachable', 'the host or its network is unreachable', true],
  timeout: ['timeout', 'no connection was made in time', true],
  reset: ['reset', 'the connection broke', true],
  tls: ['tls', 'TLS failed', false],
  proxy_failed: ['proxy', 'the proxy failed', true],
  proxy_refused: ['proxy', 'the proxy refused', false],
  bad_header: ['network', 'a header cannot be sent', false],
  long_headers: ['bad_http', 'the response headers are too large', false],
  not_http: ['bad_http', 'the server does not speak HTTP', false],
  undecodable: ['bad_http', 'the compressed answer is broken', false],
  aborted: ['network', 'the request was interrupted', true],
  other: ['network', 'the request failed', true],
};

/** Kinds whose code says more. */
const WITH_CODE: ReadonlySet<ConnectionTrouble> = new Set([
  'tls',
  'not_http',
  'undecodable',
  'other',
]);

/** Says what went wrong with a connection; errors of the library, of the system and of the guard go in. */
export function transportFailureOf(error: unknown): TransportFailure {
  const refused = findAddressRefused(error);
  if (refused !== undefined) {
    return { code: refused.code, message: refused.message, isRetryable: false };
  }
  const trouble = troubleOf(error);
  const [code, words, isRetryable] = FAILURES[trouble];
  const detail = WITH_CODE.has(trouble) ? ` (${codeOf(error) || 'unknown'})` : '';
  return { code, message: ownWordsOf(error) ?? `${words}${detail}`, isRetryable };
}

/** The words of errors that say more than their code. */
function ownWordsOf(error: unknown): string | null {
  if (error instanceof DeadlineExceeded) return 'the answer was not complete in time';
  if (error instanceof TimeoutError) {
    return `${TIMEOUT_WORDS[error.event] ?? 'no answer came'} in time`;
  }
  return findProxyError(error)?.message ?? null;
}
