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
import { killAtExit } from './kill-at-exit.ts';
import { findFreePort, type PrivateRedis, startPrivateRedis } from './private-redis.ts';

const run = promisify(execFile);
const LONGEST_WAIT_MS = 120_000;
const TELL_TIMEOUT_MS = 10_000;

/** Three primaries that share the slots, and a replica of each where wanted; disposing stops them. */
export interface RedisCluster extends AsyncDisposable {
  /** The value for REDIS_URL. */
  url: string;
  nodes: readonly PrivateRedis[];
  /** Whether every node answers, and all slots are served. */
  isWell(): Promise<boolean>;
  /** Grows with each election of a primary, also with one that fails. */
  readEpoch(): Promise<number>;
  /** The primary that has this key and its replica, in a cluster that has replicas. */
  findNodesOf(key: string): Promise<NodesOfKey>;
}

interface NodesOfKey {
  primary: PrivateRedis;
  replica: PrivateRedis;
}

export interface ClusterOptions {
  hasReplicas?: boolean;
  settings?: readonly string[];
  /** Puts a proxy before a node: gets a function that gives its port, and returns the port to announce instead. */
  putBefore?: (target: () => number) => Promise<number>;
}

export async function startRedisCluster({
  hasReplicas = false,
  settings = [],
  putBefore,
}: ClusterOptions = {}): Promise<RedisCluster> {
  const nodes: PrivateRedis[] = [];
  const ports: number[] = [];
  const dispose = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
  };
  try {
    for (let count = 0; count < (hasReplicas ? 6 : 3); count += 1) {
      const bus = String(await findFreePort());
      const announced = await putBefore?.(() => nodes[count]?.port ?? 0);
      const ofCluster = ['--cluster-enabled', 'yes', '--cluster-port', bus];
      if (announced !== undefined) ofCluster.push('--cluster-announce-port', String(announced));
      const node = await startPrivateRedis([...ofCluster, ...settings]);
      nodes.push(node);
      ports.push(announced ?? node.port);
    }
    const addresses = ports.map((port) => `127.0.0.1:${port}`);
    const replicas = ['--cluster-replicas', hasReplicas ? '1' : '0'];
    await run(redisCli(), ['--cluster', 'create', ...addresses, ...replicas, '--cluster-yes']);
    await until(() => areAllOk(nodes));
    return {
      url: `redis+cluster://${addresses.join(',')}`,
      nodes,
      isWell: () => areAllOk(nodes),
      readEpoch: async () => Math.max(...(await readEpochs(nodes))),
      findNodesOf: async (key) => {
        const found = await findNodesOf(nodes[0]?.url ?? '', ports, key);
        const nodeOf = (port: number): PrivateRedis => nodes[ports.indexOf(port)] ?? fail(port);
        const of = { primary: nodeOf(found.primary), replica: nodeOf(found.replica) };
        await waitForReplica(of.replica);
        return of;
      },
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

const clusterInfo = async (nodes: readonly PrivateRedis[]): Promise<string[]> =>
  (await Promise.all(nodes.map(({ url }) => tell(url, 'CLUSTER', 'INFO')))).map(String);

const areAllOk = async (nodes: readonly PrivateRedis[]): Promise<boolean> =>
  (await clusterInfo(nodes)).every((state) => state.includes('cluster_state:ok'));

async function readEpochs(nodes: readonly PrivateRedis[]): Promise<number[]> {
  const states = await clusterInfo(nodes);
  return states.map((state) => Number(/cluster_current_epoch:(\d+)/.exec(state)?.[1]));
}

const fail = (port: number): never => {
  throw new Error(`no node has port ${port}`);
};

/** The ports of the nodes that have a key, once the node at `url` knows a primary and a replica. */
async function findNodesOf(
  url: string,
  ports: readonly number[],
  key: string,
): Promise<{ primary: number; replica: number }> {
  let found: { primary: number; replica: number } | undefined;
  await until(async () => {
    const slot = Number(await tell(url, 'CLUSTER', 'KEYSLOT', key));
    const ranges = slotRanges.parse(await tell(url, 'CLUSTER', 'SLOTS'));
    const [, , ...owners] = ranges.find(([first, last]) => first <= slot && slot <= last) ?? [0, 0];
    const [primary, replica] = owners
      .map(([, port]) => port)
      .filter((port) => ports.includes(port));
    if (primary !== undefined && replica !== undefined) found = { primary, replica };
    return found !== undefined;
  });
  return found ?? fail(0);
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
  /** The port of the server that it takes for the primary. */
  findPrimaryPort(): Promise<number>;
  /** Grows with each replacement of the primary. */
  readEpoch(): Promise<number>;
  /** Whether it takes the primary for dead, or is replacing it: `readEpoch` grows only at the end of that. */
  isReplacing(): Promise<boolean>;
}

/** A busy machine may delay a primary's answer by this much before it counts as dead. */
const DOWN_AFTER_MS = 3_000;

/** Resolves once it knows the primary's replica, as it can only then replace it. */
export async function startSentinel(
  primary: { port: number },
  downAfterMs = DOWN_AFTER_MS,
): Promise<Sentinel> {
  const folder = await mkdtemp(join(tmpdir(), 'kling-sentinel-'));
  const port = await findFreePort();
  const file = join(folder, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor main 127.0.0.1 ${primary.port} 1`,
    `sentinel down-after-milliseconds main ${downAfterMs}`,
    'sentinel failover-timeout main 10000',
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const sentinel = spawn(redisServer(), [file, '--sentinel'], { stdio: 'ignore' });
  const exited = once(sentinel, 'exit');
  killAtExit(sentinel);
  const url = `redis://127.0.0.1:${port}`;
  const dispose = async (): Promise<void> => {
    sentinel.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await until(async () => String(await tell(url, 'INFO', 'sentinel')).includes('slaves=1'));
  } catch (error) {
    await dispose();
    throw error;
  }
  const findPrimaryPort = async (): Promise<number> => {
    const address = await tell(url, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'main');
    return Number(Array.isArray(address) ? address[1] : 0);
  };
  const readField = async (name: string): Promise<string> => {
    const fields = z.array(z.string()).parse(await tell(url, 'SENTINEL', 'MASTER', 'main'));
    return fields[fields.indexOf(name) + 1] ?? '';
  };
  return {
    url: `redis+sentinel://127.0.0.1:${port}/main`,
    failOver: async () => {
      await tell(url, 'SENTINEL', 'FAILOVER', 'main');
    },
    waitForFailOver: () => until(async () => (await findPrimaryPort()) !== primary.port),
    findPrimaryPort,
    readEpoch: async () => Number(await readField('config-epoch')),
    isReplacing: async () => (await readField('flags')) !== 'master',
    [Symbol.asyncDispose]: dispose,
  };
}

/** Resolves once all that the primary holds has reached the replica. */
export const waitForReplica = (replica: PrivateRedis): Promise<void> =>
  until(async () =>
    String(await tell(replica.url, 'INFO', 'replication')).includes('master_link_status:up'),
  );

/**
 * Resolves once a replica has confirmed all that the primary held at the first look. A replica whose link has fallen silent counts
 * as healthy for ten seconds, by the primary and by `min-replicas-to-write`.
 */
export async function untilReplicated(findPrimary: () => Promise<PrivateRedis>): Promise<void> {
  const held = new Map<PrivateRedis, number>();
  await until(async () => {
    // It may be replaced meanwhile.
    const primary = await findPrimary();
    const info = String(await tell(primary.url, 'INFO', 'replication'));
    const offset = (of: RegExp): number => Number(of.exec(info)?.[1]);
    const wanted = held.get(primary) ?? offset(/master_repl_offset:(\d+)/);
    held.set(primary, wanted);
    return offset(/^slave0:.*offset=(\d+)/m) >= wanted;
  });
}

export async function tell(url: string, ...command: [string, ...string[]]): Promise<unknown> {
  const redis = new Redis(url, { retryStrategy: () => null, commandTimeout: TELL_TIMEOUT_MS });
  redis.on('error', () => undefined);
  try {
    return await redis.call(...command);
  } finally {
    redis.disconnect();
  }
}

/** Asks again until the answer is yes; a server that is not there yet counts as no. */
export async function until(look: () => Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + LONGEST_WAIT_MS;
  for (;;) {
    if (await look().catch(() => false)) return;
    if (Date.now() > deadlineMs) throw new Error('the servers did not find each other');
    await wait(100);
  }
}
