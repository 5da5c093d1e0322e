import { codeOf } from './connection-trouble.ts';

/**
 * - `ERR_PROXY_FAILED`: the proxy cannot be reached, or cannot reach the host. A retry may succeed.
 * - `ERR_PROXY_REFUSED`: the proxy wants another password, or does not allow that host.
 */
type ProxyErrorCode = 'ERR_PROXY_FAILED' | 'ERR_PROXY_REFUSED';

/** The proxy did not connect, so nothing of the request was sent. The message has no credentials. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  readonly code: ProxyErrorCode;

  constructor(code: ProxyErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Client errors after which a retry may succeed: privoxy answers 404 while the name of a host cannot be resolved. */
const PASSING: ReadonlySet<number> = new Set([404, 408, 429]);

/** What an answer of a proxy to `CONNECT` other than 200 means. `host` and `proxy` are for people. */
export function proxyRefusal(status: number, host: string, proxy: string): ProxyError {
  if (status === 407) {
    const message = `the proxy ${proxy} asks for a name and password (HTTP 407)`;
    return new ProxyError('ERR_PROXY_REFUSED', message);
  }
  const isRefusal = status >= 400 && status < 500 && !PASSING.has(status);
  const message = isRefusal
    ? `the proxy ${proxy} does not allow ${host} (HTTP ${status})`
    : `the proxy ${proxy} cannot reach ${host} (HTTP ${status})`;
  return new ProxyError(isRefusal ? 'ERR_PROXY_REFUSED' : 'ERR_PROXY_FAILED', message);
}

/** Why the connection to a proxy failed. */
export function proxyFailure(error: unknown, proxy: string): ProxyError {
  const why = codeOf(error) || (error instanceof Error ? error.message : String(error));
  const message = `the proxy ${proxy} cannot be reached (${why})`;
  return new ProxyError('ERR_PROXY_FAILED', message, { cause: error });
}

/** An HTTP library may wrap what an agent threw. */
export function findProxyError(error: unknown): ProxyError | undefined {
  if (error instanceof ProxyError) return error;
  return error instanceof Error ? findProxyError(error.cause) : undefined;
}
