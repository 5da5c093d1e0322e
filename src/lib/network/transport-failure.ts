import { TimeoutError } from 'got';
import { findAddressRefused } from './address-refused.ts';
import { DeadlineExceeded } from './deadline.ts';
import { findProxyError } from './proxy-error.ts';

/** Which of our time-outs each of got's is. */
const TIMEOUT_WORDS: Record<string, string> = {
  lookup: 'the name was not resolved',
  connect: 'no connection was made',
  secureConnect: 'no TLS session was made',
  response: 'no answer came',
  socket: 'no more bytes came',
};

/** Why a request got no answer, in our words. */
export interface TransportFailure {
  /** Stable. */
  code: string;
  message: string;
  /** It may pass. */
  isRetryable: boolean;
}

const KNOWN_ERRORS: Record<string, TransportFailure> = {
  ENOTFOUND: { code: 'dns', message: 'the host name does not exist', isRetryable: false },
  EAI_AGAIN: { code: 'dns', message: 'the host name could not be resolved', isRetryable: true },
  ECONNREFUSED: { code: 'connection_refused', message: 'connection refused', isRetryable: true },
  ECONNRESET: { code: 'reset', message: 'the connection broke', isRetryable: true },
  EPIPE: { code: 'reset', message: 'the connection broke', isRetryable: true },
  ERR_STREAM_PREMATURE_CLOSE: { code: 'reset', message: 'the connection broke', isRetryable: true },
  ETIMEDOUT: { code: 'timeout', message: 'no connection was made in time', isRetryable: true },
  EHOSTUNREACH: { code: 'unreachable', message: 'the host is unreachable', isRetryable: true },
  ENETUNREACH: { code: 'unreachable', message: 'the network is unreachable', isRetryable: true },
  HPE_HEADER_OVERFLOW: {
    code: 'bad_http',
    message: 'the response headers are too large',
    isRetryable: false,
  },
};

/** Says what went wrong with a connection; errors of the library, of the system and of the guard go in. */
export function transportFailureOf(error: unknown): TransportFailure {
  const refused = findAddressRefused(error);
  if (refused !== undefined) {
    return { code: refused.code, message: refused.message, isRetryable: false };
  }
  const ofProxy = findProxyError(error);
  if (ofProxy !== undefined) {
    return {
      code: 'proxy',
      message: ofProxy.message,
      isRetryable: ofProxy.code === 'ERR_PROXY_FAILED',
    };
  }
  if (error instanceof DeadlineExceeded) {
    return { code: 'timeout', message: 'no whole answer came in time', isRetryable: true };
  }
  if (error instanceof TimeoutError) {
    const what = TIMEOUT_WORDS[error.event] ?? 'no answer came';
    return { code: 'timeout', message: `${what} in time`, isRetryable: true };
  }
  const errorCode = codeOf(error);
  return KNOWN_ERRORS[errorCode] ?? describeByPrefix(errorCode);
}

/** Codes that come in families. */
function describeByPrefix(errorCode: string): TransportFailure {
  if (/^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_|ERR_SSL_|EPROTO)/.test(errorCode)) {
    return { code: 'tls', message: `TLS failed (${errorCode})`, isRetryable: false };
  }
  if (errorCode.startsWith('HPE_')) {
    const message = `the server does not speak HTTP (${errorCode})`;
    return { code: 'bad_http', message, isRetryable: false };
  }
  if (/^(Z_|ERR_BROTLI|ERR__ERROR_FORMAT)/.test(errorCode)) {
    const message = `the compressed answer is broken (${errorCode})`;
    return { code: 'bad_http', message, isRetryable: false };
  }
  return { code: 'network', message: `the request failed (${errorCode})`, isRetryable: true };
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'unknown';
}
