import { redactRedisUrl } from './address.ts';
import { isMissingRight, RIGHTS_ADVICE } from './trouble.ts';

/** Redis is not usable as it is; the message says why and what to do. */
export class RedisUnusable extends Error {
  override readonly name = 'RedisUnusable';
  /** `unreachable` may pass by itself; `unsuitable` needs a change of its configuration or of a setting. */
  readonly kind: 'unreachable' | 'unsuitable';

  constructor(kind: 'unreachable' | 'unsuitable', message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Errors that a retry does not change: the reason's beginning or pattern, and the advice. */
const LASTING: readonly { reason: RegExp; advice: string }[] = [
  {
    reason: /^(WRONGPASS|NOAUTH|ERR .*\bAUTH\b)/,
    advice: 'Check the user and password in REDIS_URL.',
  },
  {
    reason: /DB index|not allowed in cluster mode|value is not an integer/i,
    advice: 'Check the database in REDIS_URL; most servers have 0 to 15, a cluster only 0.',
  },
  {
    reason: /cluster support disabled/,
    advice:
      'This server is not part of a cluster; begin REDIS_URL with redis:// or rediss:// instead.',
  },
  {
    reason: /unknown command '?sentinel/i,
    advice: 'This server is not a sentinel; begin REDIS_URL with redis:// or rediss:// instead.',
  },
  {
    reason: /invalid reply: null|No such master/,
    advice:
      'The sentinels know no primary of that name; `redis-cli -p 26379 SENTINEL MASTERS` lists the names they know.',
  },
  {
    reason: /wrong version number|packet length too long/i,
    advice: 'This port does not speak TLS; begin REDIS_URL with redis instead of rediss.',
  },
  {
    reason: /certificate required|handshake failure|bad certificate/i,
    advice: 'The server wants a client certificate; set REDIS_CERT_FILE and REDIS_KEY_FILE.',
  },
  {
    reason: /altnames|certificate has expired|certificate is not yet valid/i,
    advice:
      "Use the name that the server's certificate is made for, or give the server a valid one.",
  },
  {
    reason: /self.signed certificate|unable to (verify|get)/i,
    advice: "Set REDIS_CA_FILE to the certificate of the server's authority.",
  },
];

/**
 * Why a connection failed, as one sentence with advice. Of several errors, one that a retry does not change says
 * most, because the others may follow from it.
 */
export function unusable(url: string, errors: readonly unknown[]): RedisUnusable {
  const error = errors.find((candidate) => isLasting(candidate)) ?? errors[0];
  const reason = reasonOf(error).replace(/\.$/, '');
  if (error instanceof Error && isMissingRight(error)) {
    return unusableBecause('unsuitable', url, reason, RIGHTS_ADVICE);
  }
  const lasting = LASTING.find((entry) => entry.reason.test(reason));
  if (lasting !== undefined) return unusableBecause('unsuitable', url, reason, lasting.advice);
  return unusableBecause('unreachable', url, reason, adviseCheck(url));
}

function adviseCheck(url: string): string {
  if (url.startsWith('unix'))
    return 'Check REDIS_URL, that the server runs, and that this user may use its socket.';
  return url.startsWith('rediss')
    ? 'Check REDIS_URL, that the server runs, that this port speaks TLS, and whether it wants a client certificate (REDIS_CERT_FILE).'
    : 'Check REDIS_URL, that the server runs, and that this port does not speak TLS (rediss).';
}

/** `reason` has no full stop; `advice` is a sentence. */
export const unusableBecause = (
  kind: RedisUnusable['kind'],
  url: string,
  reason: string,
  advice: string,
): RedisUnusable =>
  new RedisUnusable(kind, `Redis at ${redactRedisUrl(url)} cannot be used: ${reason}. ${advice}`);

const isLasting = (error: unknown): boolean =>
  (error instanceof Error && isMissingRight(error)) ||
  LASTING.some((entry) => entry.reason.test(reasonOf(error)));

/** A cluster's client reports only that it found no node; the node's own words are kept in addition. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { lastNodeError } = error as { lastNodeError?: Error };
  return (lastNodeError ?? error).message;
}
