import { Cluster, Redis } from 'ioredis';
import { parseRedisAddress, type RedisAddress, type RedisNode, redactRedisUrl } from './address.ts';
import { checkServer } from './check-server.ts';
import { explainCluster } from './explain-cluster.ts';
import { GatheringRedis } from './gathering-redis.ts';
import { SteadySentinelConnector } from './sentinels.ts';
import { steadyCluster } from './steady-cluster.ts';
import { isNoSuchDatabase } from './trouble.ts';
import { RedisUnusable, unusable } from './unusable.ts';

/** How to reach a server. Certificates are in PEM and used only if the address asks for TLS. */
export interface RedisServer {
  url: string;
  tls?: TlsFiles;
}

export interface TlsFiles {
  /** The certificate of the authority that signed the server's; without it the system's authorities are used. */
  ca?: Buffer;
  /** A client certificate and its key. */
  cert?: Buffer;
  key?: Buffer;
}

const CONNECT_TIMEOUT_MS = 3_000;
/** A server that this program started is there; a busy disk may delay its first answer. */
const OWN_SILENCE_MS = 60_000;
/** With the time to exit, a command ends 5 s after its Redis hangs. */
const COMMAND_TIMEOUT_MS = 4_000;
/**
 * A machine that vanishes closes no connection, and the system would wait for it for a quarter of an hour. A
 * long-lived connection that was silent for this time is reopened. BullMQ's own waiting is answered every 10 s at the
 * latest.
 */
const SILENT_CONNECTION_MS = 20_000;
/** How long a hanging server may delay the end of the process. */
const DISCONNECT_TIMEOUT_MS = 300;
const LONGEST_RECONNECT_MS = 2_000;

/**
 * `impatient`: a command fails within 4 s. `patient`: commands wait as long as Redis is away. `resilient`: commands
 * fail within 4 s, and the connection returns when Redis does. `own`: like `patient`, with up to a minute for the
 * first answer instead of 3 s.
 */
export type Patience = 'patient' | 'impatient' | 'resilient' | 'own';

/**
 * Connects, and checks that this server is what the address says and does not drop data.
 * @throws RedisUnusable when it cannot be reached or would evict keys.
 */
export async function connectRedis(
  server: RedisServer,
  name: string,
  patience: Patience,
): Promise<Redis> {
  const redis = openConnection(server, { ...PATIENCE[patience], connectionName: name });
  // `connect` rejects only with the news that the connection is closed; the reasons come as events.
  const events: Error[] = [];
  const remember = (error: Error): void => {
    if (events.length < MAX_REASONS) events.push(error);
  };
  redis.on('error', remember);
  // A sentinel that does not know the primary says so in a separate event, before the general error.
  redis.on('sentinelError', remember);
  try {
    await within(PATIENCE[patience].connectTimeout, redis.connect());
    const cluster = asCluster(redis);
    const servers = cluster?.nodes('master') ?? [redis];
    for (const node of servers) await checkServer(node, server.url, cluster !== null);
    // If a database cannot be selected, the connection stays in database 0, with only an event.
    const { db = 0 } = redis.options;
    if (cluster === null && db !== 0) await redis.select(db);
  } catch (error) {
    redis.disconnect();
    if (error instanceof RedisUnusable) throw error;
    throw await explain(server, [...events, error]);
  }
  return redis;
}

/** A cluster's client does not say why it finds no node, so the first node is asked. */
async function explain(server: RedisServer, errors: unknown[]): Promise<RedisUnusable> {
  const found = unusable(server.url, errors);
  const parsed = parseRedisAddress(server.url);
  if (found.kind === 'unsuitable' || !parsed.ok || parsed.address.kind !== 'cluster') return found;
  const { nodes } = parsed.address;
  const options = commonOptions(parsed.address, server.tls, PATIENCE.impatient);
  const asked = new Redis({ ...options, ...nodes[0], retryStrategy: () => null });
  asked.on('error', () => undefined);
  try {
    const said = explainCluster(asked, server.url, nodes);
    return (await within(EXPLAIN_TIMEOUT_MS, said)) ?? found;
  } catch {
    return found;
  } finally {
    asked.disconnect();
  }
}

const EXPLAIN_TIMEOUT_MS = 1_000;

/** Errors of a connection that are kept to explain it. */
const MAX_REASONS = 10;

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

/** A cluster uses the same commands; the differences are in this file. */
function openConnection({ url, tls }: RedisServer, patience: ConnectionPatience): Redis {
  const parsed = parseRedisAddress(url);
  if (!parsed.ok) {
    const what = `${redactRedisUrl(url)} is not a valid Redis address: ${parsed.problem}.`;
    throw new RedisUnusable('unsuitable', what);
  }
  const { address } = parsed;
  const common = commonOptions(address, tls, patience);
  switch (address.kind) {
    case 'server':
      return stayInDatabase(
        new GatheringRedis({ ...common, ...address.node, db: address.database }),
      );
    case 'socket':
      return stayInDatabase(
        new GatheringRedis({ ...common, path: address.path, db: address.database }),
      );
    case 'cluster':
      return openCluster(address.nodes, common);
    case 'sentinel':
      return stayInDatabase(new GatheringRedis({ ...common, ...sentinelOptions(address, tls) }));
  }
}

/**
 * A server that is restarted, or takes over, with fewer databases would get the commands in database 0, with only an
 * event. The connection is tried again until its database can be selected.
 */
function stayInDatabase(redis: Redis): Redis {
  return redis.on('error', (error: Error) => {
    if (isNoSuchDatabase(error)) redis.disconnect(true);
  });
}

function commonOptions(
  address: RedisAddress,
  tls: TlsFiles | undefined,
  patience: ConnectionPatience,
) {
  const isEncrypted = address.kind !== 'socket' && address.isEncrypted;
  return {
    ...patience,
    lazyConnect: true,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    ...address.credentials,
    ...(isEncrypted && { tls: tls ?? {} }),
  };
}

/** By itself a client stays with a primary that is frozen, and waits for it, while its replica has taken over. */
const SLOTS_REFRESH_MS = 2_000;

/** All our keys are on one node, because of their hash tag; the other nodes take over if it fails. */
function openCluster(
  nodes: RedisNode[],
  { retryStrategy, ...redisOptions }: ConnectionPatience,
): Redis {
  const options = {
    lazyConnect: true,
    clusterRetryStrategy: retryStrategy,
    slotsRefreshInterval: SLOTS_REFRESH_MS,
    redisOptions,
  };
  const cluster: unknown = steadyCluster(new Cluster(nodes, options));
  return cluster as Redis;
}

function asCluster(redis: unknown): Cluster | null {
  return redis instanceof Cluster ? redis : null;
}

function sentinelOptions(
  { nodes, name, database, credentials, isEncrypted }: AddressOf<'sentinel'>,
  tls: TlsFiles | undefined,
) {
  return {
    sentinels: nodes,
    name,
    db: database,
    ...(credentials.password && { sentinelPassword: credentials.password }),
    ...(isEncrypted && { enableTLSForSentinelMode: true, sentinelTLS: tls ?? {} }),
    sentinelRetryStrategy: (times: number) => Math.min(times * 100, LONGEST_RECONNECT_MS),
    // A replaced primary answers for about ten more seconds and then discards what was written, so leave it at once.
    failoverDetector: true,
    Connector: SteadySentinelConnector,
    // A primary that was considered dead returns as a replica: leave it, and send the command to the new primary.
    reconnectOnError: (error: Error): false | 2 =>
      error.message.startsWith('READONLY') ? 2 : false,
  };
}

type AddressOf<K extends RedisAddress['kind']> = Extract<RedisAddress, { kind: K }>;

const SUBSCRIBING = { lazyConnect: false, autoResubscribe: false };

/** A second connection like the first, for `keepSubscribed`. */
export const duplicateConnection = (redis: Redis, name: string): Redis => {
  const copied: unknown = asCluster(redis)?.duplicate([], { lazyConnect: false });
  const copy = (copied as Redis) ?? redis.duplicate({ ...SUBSCRIBING, connectionName: name });
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
