import type { TransportProblem } from '../core/answer/api-answer.ts';

/** Error codes of Node, OpenSSL, zlib, its HTTP parser and got, in our words; the first match wins. */
const PROBLEMS: readonly (readonly [code: RegExp, problem: TransportProblem])[] = [
  [/^(ENOTFOUND|EAI_\w+)$/, 'dns'],
  [/^ECONNREFUSED$/, 'refused'],
  [/^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL)$/, 'unreachable'],
  [/^ETIMEDOUT$/, 'timeout'],
  [/^(ECONNRESET|ECONNABORTED|EPIPE|ERR_STREAM_PREMATURE_CLOSE)$/, 'reset'],
  [/^ERR_PROXY_FAILED$/, 'proxy_failed'],
  [/^ERR_PROXY_REFUSED$/, 'proxy_refused'],
  [/^ERR_ABORTED$/, 'aborted'],
  [/^HPE_/, 'not_http'],
  [/^(Z_|ERR__?(ZLIB|BROTLI))/, 'undecodable'],
  [/^ERR_(INVALID_CHAR|HTTP_INVALID_HEADER_VALUE)$/, 'authorization'],
  [/^(EPROTO|ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_)/, 'tls'],
];

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

/** What an error of the HTTP library means, from its `code`. */
export function transportProblemOf(error: unknown): TransportProblem {
  const code = codeOf(error);
  return PROBLEMS.find(([pattern]) => pattern.test(code))?.[1] ?? 'transport';
}

/** One clause for people; without secrets as long as the library's message has none. */
export function describeTransportError(error: unknown): string {
  const meaning = MEANINGS[transportProblemOf(error)];
  return error instanceof Error ? `${meaning} (${error.message})` : meaning;
}

/**
 * Whether the API may have received the whole request.
 *
 * It may, once there was a connection (with TLS: a secure one) to write to. That holds for a reused connection
 * too: when the other side closes it just then, it is unknown whether it read first. `EPIPE` is the exception:
 * the system refused a part of the request, so the whole of it never left.
 */
export function mayHaveBeenSent(error: unknown, wasConnected: boolean): boolean {
  return wasConnected && codeOf(error) !== 'EPIPE';
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return typeof code === 'string' ? code : '';
}
