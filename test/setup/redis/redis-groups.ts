import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { findRedisServer } from '../../../scripts/install/redis.mjs';
import { findFreePort, type PrivateRedis, startPrivateRedis } from './private-redis.ts';

const run = promisify(execFile);
const LONGEST_WAIT_MS = 60_000;

/** Three primaries that share the slots, and a replica of each where wanted; disposing stops them. */
export interface RedisCluster extends AsyncDisposable {
  /** The value for REDIS_URL. */
  url: string;
  nodes: readonly PrivateRedis[];
  /** The primary that has this key and its replica, in a cluster that has replicas. */
  findNodesOf(key: string): Promise<NodesOfKey>;
}

interface NodesOfKey {
  primary: PrivateRedis;
  replica: PrivateRedis;
}

export async function startRedisCluster({
  hasReplicas = false,
  settings = [],
}: {
  hasReplicas?: boolean;
  settings?: readonly string[];
} = {}): Promise<RedisCluster> {
  const nodes: PrivateRedis[] = [];
  const dispose = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
  };
  try {
    for (let count = 0; count < (hasReplicas ? 6 : 3); count += 1) {
      const bus = String(await findFreePort());
      const ofCluster = ['--cluster-enabled', 'yes', '--cluster-port', bus];
      nodes.push(await startPrivateRedis([...ofCluster, ...settings]));
    }
    const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
    const replicas = ['--cluster-replicas', hasReplicas ? '1' : '0'];
    await run(redisCli(), ['--cluster', 'create', ...addresses, ...replicas, '--cluster-yes']);
    await until(() => areAllOk(nodes));
    return {
      url: `redis+cluster://${addresses.join(',')}`,
      nodes,
      findNodesOf: (key) => findNodesOf(nodes, key),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** The client beside the server: redis-cli or valkey-cli. */
const redisCli = (): string => redisServer().replace(/server$/, 'cli');

function redisServer(): string {
  const program = findRedisServer(process.env.PATH);
  if (program === undefined) throw new Error('No redis-server or valkey-server on the PATH.');
  return program;
}

async function areAllOk(nodes: readonly PrivateRedis[]): Promise<boolean> {
  const states = await Promise.all(nodes.map(({ url }) => tell(url, 'CLUSTER', 'INFO')));
  return states.every((state) => String(state).includes('cluster_state:ok'));
}

/** Resolves once the others know the replica, and it has its primary's data. */
async function findNodesOf(nodes: readonly PrivateRedis[], key: string): Promise<NodesOfKey> {
  let found: NodesOfKey | undefined;
  await until(async () => {
    const [primary, replica] = await listNodesOf(nodes, key);
    if (primary !== undefined && replica !== undefined) found = { primary, replica };
    return found !== undefined;
  });
  if (found === undefined) throw new Error(`no node has ${key}`);
  await waitForReplica(found.replica);
  return found;
}

/** The primary first, as the first node says. */
async function listNodesOf(
  nodes: readonly PrivateRedis[],
  key: string,
): Promise<(PrivateRedis | undefined)[]> {
  const [{ url } = { url: '' }] = nodes;
  const slot = Number(await tell(url, 'CLUSTER', 'KEYSLOT', key));
  const ranges = slotRanges.parse(await tell(url, 'CLUSTER', 'SLOTS'));
  const [, , ...owners] = ranges.find(([first, last]) => first <= slot && slot <= last) ?? [0, 0];
  return owners.map(([, port]) => nodes.find((node) => node.port === port));
}

/** What CLUSTER SLOTS answers: first and last slot, then the primary and its replicas as address and port. */
const slotRanges = z.array(
  z.tuple([z.number(), z.number()]).rest(z.tuple([z.string(), z.number()]).rest(z.unknown())),
);

/** Watches one primary. */
export interface Sentinel extends AsyncDisposable {
  /** The value for REDIS_URL. */
  url: string;
  /** Makes the sentinel replace the living primary by a replica, as before maintenance. */
  failOver(): Promise<void>;
  /** Resolves once it has put a replica in the place of the primary. */
  waitForFailOver(): Promise<void>;
}

/** A busy machine may delay a primary's answer by this much before it counts as dead. */
const DOWN_AFTER_MS = 3_000;

/** Resolves once it knows the primary's replica, as it can only then replace it. */
export async function startSentinel(primary: PrivateRedis): Promise<Sentinel> {
  const folder = await mkdtemp(join(tmpdir(), 'kling-sentinel-'));
  const port = await findFreePort();
  const file = join(folder, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor main 127.0.0.1 ${primary.port} 1`,
    `sentinel down-after-milliseconds main ${DOWN_AFTER_MS}`,
    'sentinel failover-timeout main 10000',
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const sentinel = spawn(redisServer(), [file, '--sentinel'], { stdio: 'ignore' });
  const exited = once(sentinel, 'exit');
  const kill = (): boolean => sentinel.kill('SIGKILL');
  process.once('exit', kill);
  const url = `redis://127.0.0.1:${port}`;
  const dispose = async (): Promise<void> => {
    process.off('exit', kill);
    kill();
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await until(async () => String(await tell(url, 'INFO', 'sentinel')).includes('slaves=1'));
  } catch (error) {
    await dispose();
    throw error;
  }
  const old = String(primary.port);
  return {
    url: `redis+sentinel://127.0.0.1:${port}/main`,
    failOver: async () => {
      await tell(url, 'SENTINEL', 'FAILOVER', 'main');
    },
    waitForFailOver: () =>
      until(async () => {
        const address = await tell(url, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'main');
        return Array.isArray(address) && address[1] !== old;
      }),
    [Symbol.asyncDispose]: dispose,
  };
}

/** Resolves once all that the primary holds has reached the replica. */
export const waitForReplica = (replica: PrivateRedis): Promise<void> =>
  until(async () =>
    String(await tell(replica.url, 'INFO', 'replication')).includes('master_link_status:up'),
  );

export async function tell(url: string, ...command: [string, ...string[]]): Promise<unknown> {
  const redis = new Redis(url, { retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    return await redis.call(...command);
  } finally {
    redis.disconnect();
  }
}

/** A server that is not there yet is asked again. */
async function until(look: () => Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + LONGEST_WAIT_MS;
  for (;;) {
    if (await look().catch(() => false)) return;
    if (Date.now() > deadlineMs) throw new Error('the servers did not find each other');
    await wait(100);
  }
}
