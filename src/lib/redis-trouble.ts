/**
 * Whether an error is Redis' trouble (lost, loading, full, read-only …) and not ours: such trouble passes,
 * and the same command may then be sent again.
 */
export function isRedisTrouble(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'ReplyError') return PASSING_REPLY.test(error.message);
  return error.name === 'MaxRetriesPerRequestError' || CONNECTION_LOST.test(error.message);
}

/** Before Redis 7 the reply to a script quotes the error that the script met. */
const PASSING_REPLY =
  /^(ERR Error running script.*-)?(LOADING|READONLY|OOM|MISCONF|BUSY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOAUTH|WRONGPASS|NOREPLICAS|UNBLOCKED|EXECABORT)\b/;
const CONNECTION_LOST =
  /Connection is closed|Connection lost|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOENT.*sock|Stream isn't writeable|Command timed out/;
