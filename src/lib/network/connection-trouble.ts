/** What may go wrong with a connection. Each client describes these in its own words and decides what follows. */
export type ConnectionTrouble =
  | 'no_such_host'
  | 'dns'
  | 'refused'
  | 'unreachable'
  | 'timeout'
  | 'reset'
  | 'tls'
  | 'proxy_failed'
  | 'proxy_refused'
  /** A header cannot be sent as it is. */
  | 'bad_header'
  | 'long_headers'
  | 'not_http'
  | 'undecodable'
  /** This side ended it. */
  | 'aborted'
  | 'other';

/**
 * Error codes of Node, the system, OpenSSL, zlib, Node's HTTP parser, got and `ProxyError`; the first match counts.
 */
const KINDS: readonly (readonly [code: RegExp, kind: ConnectionTrouble])[] = [
  [/^ENOTFOUND$/, 'no_such_host'],
  [/^EAI_/, 'dns'],
  [/^ECONNREFUSED$/, 'refused'],
  [/^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL)$/, 'unreachable'],
  [/^ETIMEDOUT$/, 'timeout'],
  [/^(ECONNRESET|ECONNABORTED|EPIPE|ERR_STREAM_PREMATURE_CLOSE)$/, 'reset'],
  [/^ERR_PROXY_FAILED$/, 'proxy_failed'],
  [/^ERR_PROXY_REFUSED$/, 'proxy_refused'],
  [/^ERR_(INVALID_CHAR|HTTP_INVALID_HEADER_VALUE)$/, 'bad_header'],
  [/^HPE_HEADER_OVERFLOW$/, 'long_headers'],
  [/^HPE_/, 'not_http'],
  [/^(Z_|ERR_ZLIB|ERR_BROTLI|ERR__)/, 'undecodable'],
  [/^ERR_ABORTED$/, 'aborted'],
  [/^(EPROTO$|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_)/, 'tls'],
  [/^(CERT_|CRL_|ERROR_IN_C|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$)/, 'tls'],
];

export const troubleOfCode = (code: string): ConnectionTrouble =>
  KINDS.find(([pattern]) => pattern.test(code))?.[1] ?? 'other';

/** The code that Node and its libraries give an error; '' when it has none. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return typeof code === 'string' ? code : '';
}

export const troubleOf = (error: unknown): ConnectionTrouble => troubleOfCode(codeOf(error));
