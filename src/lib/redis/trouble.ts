import { type ConnectionTrouble, troubleOfCode } from '../network/connection-trouble.ts';

/**
 * Whether an error is trouble with Redis (lost, loading, full, read-only, a missing right …) and not a bug. Such
 * trouble passes, by itself or when an administrator acts, and the same command may then be sent again.
 */
export function isRedisTrouble(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (isMissingRight(error) || isNoSuchDatabase(error)) return true;
  if (error.name === 'ReplyError') return PASSING_REPLY.test(error.message);
  return (
    PASSING_CLIENT_ERRORS.has(error.name) ||
    CLIENT_LOST_IT.test(error.message) ||
    LOST.has(troubleOfCode(/\bE[A-Z_]{3,}\b/.exec(error.message)?.[0] ?? ''))
  );
}

/** Whether Redis refused a command, key or channel to this user. It does not pass until the user's rights change. */
export function isMissingRight(error: Error): boolean {
  return MISSING_RIGHT.test(firstCause(error).message);
}

/** Whether the server has no database of the wanted number. */
export const isNoSuchDatabase = (error: Error): boolean => /^ERR DB index /.test(error.message);

/** Before Redis 7, the reply to a script quotes the error inside the script. */
const PASSING_REPLY =
  /^(ERR Error running script.*-)?(LOADING|READONLY|OOM|MISCONF|BUSY|MASTERDOWN|CLUSTERDOWN|MOVED|ASK|TRYAGAIN|NOAUTH|WRONGPASS|NOREPLICAS|UNBLOCKED|EXECABORT|NOSCRIPT)\b/;
/** Within a script, Redis 7.0 uses other words than elsewhere. */
const MISSING_RIGHT =
  /^(ERR Error running script.*-|ERR ACL failure in script: )?NOPERM\b|^(ERR )?The user executing the script can't |^ERR ACL failure in script/;
const PASSING_CLIENT_ERRORS: ReadonlySet<string> = new Set([
  'MaxRetriesPerRequestError',
  'ClusterAllFailedError',
]);
/** Errors of the client quote the code of the system's error, and do not always carry it. */
const LOST: ReadonlySet<ConnectionTrouble> = new Set([
  'no_such_host',
  'dns',
  'refused',
  'unreachable',
  'timeout',
  'reset',
]);
const CLIENT_LOST_IT =
  /Connection is closed|Connection lost|ENOENT.*sock|Stream isn't writeable|Command timed out|Socket timeout|Too many Cluster redirections|Failed to refresh slots cache|All sentinels are unreachable|Cluster isn't ready|Cluster is (ended|disconnect)|No subscriber for the cluster|Node is disconnected|Command aborted due to connection close|None of startup nodes is available/;

/** What went wrong and what to do, for a person. */
export function explainRedisTrouble(error: Error): string {
  const reason = redisReason(error);
  if (isMissingRight(error)) return `Redis refuses this user a right: ${reason}. ${RIGHTS_ADVICE}`;
  return `Redis failed: ${reason}. ${ADVICE[kindOf(reason)] ?? 'Try again.'}`;
}

/** Why nothing can be stored although Redis answers, one or two sentences; null for any other error. */
export function explainRefusedWrite(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const reason = redisReason(error);
  const remedy = REMEDIES[kindOf(reason)];
  return remedy === undefined ? null : `Redis accepts no writes: ${reason}. ${remedy}`;
}

/** Why the workers that run do nothing. `reason`: the refusal of a right, in the words of Redis. */
export function explainRefusedWorkers(workers: number, reason: string): string {
  const [are, them] = workers === 1 ? ['worker is', 'it'] : ['workers are', 'them'];
  return `${workers} ${are} running, but Redis refuses ${them} a right: ${reason}. Give the user what ${RIGHTS_LIST}.`;
}

const kindOf = (reason: string): string => PASSING_REPLY.exec(reason)?.[2] ?? '';

/** The server's own words, or those of the connection to it; without a full stop. */
export function redisReason(error: Error): string {
  // The client's words are about a setting of its own.
  if (error.name === 'MaxRetriesPerRequestError') return 'it cannot be reached';
  return firstCause(error).message.replace(WHERE_IN_SCRIPT, '').replace(/\.$/, '');
}

/** A transaction reports only that it failed; the reason is with the refused command. */
function firstCause(error: Error): Error {
  const [first] = (error as { previousErrors?: Error[] }).previousErrors ?? [];
  return first ?? error;
}

/** Valkey 9.1 omits the script's digest. */
const WHERE_IN_SCRIPT = /,? script: ([0-9a-f]{40}, )?(on )?@?user_script:\d+\.?$/;

const RIGHTS_LIST = '"Rights in Redis" in docs/operations.md lists';
export const RIGHTS_ADVICE = `Give it what ${RIGHTS_LIST}.`;

const REMEDIES: Record<string, string> = {
  OOM: 'It is full: raise its maxmemory or remove batches.',
  MISCONF: 'Its disk may be full; see the log of the server.',
  READONLY: 'This server is a replica; point REDIS_URL to the primary.',
  NOREPLICAS: 'Too few replicas follow it (min-replicas-to-write).',
};

const ADVICE: Record<string, string> = {
  READONLY: 'This server is a replica; point REDIS_URL to the primary.',
  OOM: 'It is full: raise its maxmemory or remove batches, then repeat the command.',
  MISCONF: 'Its disk may be full; see the log of the server, then repeat the command.',
  NOREPLICAS:
    'Too few replicas follow it (min-replicas-to-write), as during a failover; try again in a moment.',
  LOADING: 'It is loading its data after a start; try again in a moment.',
};
