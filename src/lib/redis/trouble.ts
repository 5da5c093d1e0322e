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
  /Connection is closed|Connection lost|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOENT.*sock|Stream isn't writeable|Command timed out|Socket timeout/;

/** What went wrong and what to do about it, for a person. */
export function explainRedisTrouble(error: Error): string {
  const reason = redisReason(error);
  const kind = PASSING_REPLY.exec(reason)?.[2] ?? '';
  return `Redis failed: ${reason}. ${ADVICE[kind] ?? 'Try again.'}`;
}

/** The server's own words, or those of the connection to it; without a full stop. */
export function redisReason(error: Error): string {
  // Of a transaction only its end is reported; the reason stands with the command that was refused.
  const [first] = (error as { previousErrors?: Error[] }).previousErrors ?? [];
  return (first ?? error).message.replace(WHERE_IN_SCRIPT, '').replace(/\.$/, '');
}

const WHERE_IN_SCRIPT = / script: [0-9a-f]{40}, on @user_script:\d+\.?$/;

const ADVICE: Record<string, string> = {
  READONLY: 'This server is a replica; point REDIS_URL to the primary.',
  OOM: 'It is full: raise its maxmemory or remove batches, then give the same command again.',
  MISCONF: 'Its disk may be full; see the log of the server, then give the same command again.',
  LOADING: 'It is reading its data after a start; try again in a moment.',
};
