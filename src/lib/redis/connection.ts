import { Cluster, Redis } from 'ioredis';
import { parseRedisAddress, type RedisAddress, redactRedisUrl } from './address.ts';

/** Redis cannot be used as it is; the message says why and what to do. */
export class RedisUnusable extends Error {
  override readonly name = 'RedisUnusable';
  /** `unreachable` may pass by itself; `unsuitable` needs somebody to change its configuration. */
  readonly kind: 'unreachable' | 'unsuitable';

  constructor(kind: 'unreachable' | 'unsuitable', message: string) {
    super(message);
    this.kind = kind;
  }
}

const CONNECT_TIMEOUT_MS = 3_000;
/** A server that we started ourselves is there; a disk with its hands full keeps it from answering for a while. */
const OWN_SILENCE_MS = 60_000;
/** With what leaving takes, a command has ended 5 s after its Redis hung. */
const COMMAND_TIMEOUT_MS = 4_000;
/**
 * A machine that vanishes closes no connection, and the system would wait for it for a quarter of an hour. A connection
 * that is to last and has heard nothing for so long is made anew; BullMQ's own waiting is answered every 10 s at the latest.
 */
const SILENT_CONNECTION_MS = 20_000;
/** How long a server that hangs may keep us when we leave. */
const DISCONNECT_TIMEOUT_MS = 300;
const LONGEST_RECONNECT_MS = 2_000;

/**
 * `impatient`: a command gives up within 4 s. `patient`: commands wait for as long as Redis is away. `resilient`: commands
 * give up within 4 s, and the connection comes back whenever Redis does. `own`: as `patient`, with up to a minute for the
 * first answer, where the others take 3 s.
 */
export type Patience = 'patient' | 'impatient' | 'resilient' | 'own';

/**
 * Connects, and checks that this server keeps what it is given.
 * @throws RedisUnusable when it cannot be reached or would evict keys.
 */
export async function connectRedis(url: string, name: string, patience: Patience): Promise<Redis> {
  const redis = openConnection(url, { ...PATIENCE[patience], connectionName: name });
  // What `connect` rejects with is only that the connection is closed; the reason comes as an event.
  let cause: Error | undefined;
  redis.on('error', (error: Error) => {
    cause ??= error;
  });
  try {
    await within(PATIENCE[patience].connectTimeout, redis.connect());
    await checkEviction(redis, url);
  } catch (error) {
    redis.disconnect();
    throw error instanceof RedisUnusable ? error : unusable(url, cause ?? error);
  }
  return redis;
}

interface ConnectionPatience {
  maxRetriesPerRequest: number | null;
  retryStrategy: (times: number) => number | null;
  commandTimeout?: number;
  socketTimeout?: number;
  connectTimeout: number;
  connectionName?: string;
}

const PATIENT: ConnectionPatience = {
  maxRetriesPerRequest: null,
  socketTimeout: SILENT_CONNECTION_MS,
  connectTimeout: CONNECT_TIMEOUT_MS,
  retryStrategy: (times) => Math.min(times * 100, LONGEST_RECONNECT_MS),
};

const PATIENCE: Record<Patience, ConnectionPatience> = {
  patient: PATIENT,
  own: { ...PATIENT, connectTimeout: OWN_SILENCE_MS, socketTimeout: OWN_SILENCE_MS },
  impatient: {
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxRetriesPerRequest: 1,
    commandTimeout: COMMAND_TIMEOUT_MS,
    retryStrategy: (times) => (times > 3 ? null : 200),
  },
  resilient: {
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENT_CONNECTION_MS,
    maxRetriesPerRequest: 1,
    commandTimeout: COMMAND_TIMEOUT_MS,
    retryStrategy: (times) => Math.min(times * 100, LONGEST_RECONNECT_MS),
  },
};

/** A cluster speaks the same commands; what is different is in this file. */
function openConnection(url: string, patience: ConnectionPatience): Redis {
  const address = parseRedisAddress(url);
  const common = {
    ...patience,
    lazyConnect: true,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
  };
  switch (address?.kind) {
    case undefined:
      throw new RedisUnusable('unsuitable', `${redactRedisUrl(url)} is no address of a Redis.`);
    case 'server':
      return new Redis(address.url, common);
    case 'socket':
      return new Redis({ ...common, ...address.credentials, path: address.path });
    case 'cluster':
      return openCluster(address, common);
    case 'sentinel':
      return new Redis({ ...common, ...sentinelOptions(address) });
  }
}

type AddressOf<K extends RedisAddress['kind']> = Extract<RedisAddress, { kind: K }>;

/** All our keys lie on one node, by their hash tag; the others are there to take over. */
function openCluster(
  { nodes, credentials, isEncrypted }: AddressOf<'cluster'>,
  { retryStrategy, ...redisOptions }: ConnectionPatience,
): Redis {
  const cluster: unknown = new Cluster(nodes, {
    lazyConnect: true,
    clusterRetryStrategy: retryStrategy,
    redisOptions: { ...redisOptions, ...credentials, ...(isEncrypted && { tls: {} }) },
  });
  return cluster as Redis;
}

function asCluster(redis: unknown): Cluster | null {
  return redis instanceof Cluster ? redis : null;
}

function sentinelOptions({
  nodes,
  name,
  database,
  credentials,
  isEncrypted,
}: AddressOf<'sentinel'>) {
  return {
    sentinels: nodes,
    name,
    db: database,
    ...credentials,
    ...(credentials.password && { sentinelPassword: credentials.password }),
    ...(isEncrypted && { tls: {}, enableTLSForSentinelMode: true, sentinelTLS: {} }),
    sentinelRetryStrategy: (times: number) => Math.min(times * 100, LONGEST_RECONNECT_MS),
    // A primary that was taken for dead comes back as a replica: leave it, and send the command to the new one.
    reconnectOnError: (error: Error): false | 2 =>
      error.message.startsWith('READONLY') ? 2 : false,
  };
}

/** A second connection like the first, for subscriptions. */
export const duplicateConnection = (redis: Redis, name: string): Redis => {
  const copied: unknown = asCluster(redis)?.duplicate([], { lazyConnect: false });
  const copy = (copied as Redis) ?? redis.duplicate({ connectionName: name, lazyConnect: false });
  copy.on('error', () => undefined);
  return copy;
};

async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs / 1_000} s`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Replies of a server that is there and wants other credentials; trying again does not help. */
const REFUSAL = /^(WRONGPASS|NOAUTH|NOPERM|ERR .*\bAUTH\b)/;

function unusable(url: string, error: unknown): RedisUnusable {
  const reason = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
  const what = `Redis at ${redactRedisUrl(url)} cannot be used: ${reason}.`;
  return REFUSAL.test(reason)
    ? new RedisUnusable('unsuitable', `${what} Check the user and password in REDIS_URL.`)
    : new RedisUnusable('unreachable', `${what} Check REDIS_URL and that the server runs.`);
}

/** INFO, because managed servers forbid CONFIG. Of a cluster every primary is asked. */
async function checkEviction(redis: Redis, url: string): Promise<void> {
  const servers = asCluster(redis)?.nodes('master') ?? [redis];
  for (const server of servers) {
    const policy = /^maxmemory_policy:(\S+)/m.exec(await server.info('memory'))?.[1];
    if (policy === undefined || policy === 'noeviction') continue;
    throw new RedisUnusable(
      'unsuitable',
      `Redis at ${redactRedisUrl(url)} has maxmemory-policy ${policy} and would silently drop rows; set it to noeviction.`,
    );
  }
}
