import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { findRedisServer } from '../../../scripts/install-redis.mjs';
import { findFreePort, type PrivateRedis, startPrivateRedis } from './private-redis.ts';

const run = promisify(execFile);
const LONGEST_WAIT_MS = 60_000;

/** Three primaries that share the slots; disposing stops them. */
export interface RedisCluster extends AsyncDisposable {
  /** What REDIS_URL is to be. */
  url: string;
  nodes: readonly PrivateRedis[];
}

export async function startRedisCluster(): Promise<RedisCluster> {
  const nodes: PrivateRedis[] = [];
  const dispose = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
  };
  try {
    for (let count = 0; count < 3; count += 1) {
      const bus = String(await findFreePort());
      nodes.push(await startPrivateRedis(['--cluster-enabled', 'yes', '--cluster-port', bus]));
    }
    const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
    await run(redisCli(), ['--cluster', 'create', ...addresses, '--cluster-yes']);
    await until(() => areAllOk(nodes));
    return { url: `redis+cluster://${addresses.join(',')}`, nodes, [Symbol.asyncDispose]: dispose };
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

/** Watches one primary. */
export interface Sentinel extends AsyncDisposable {
  /** What REDIS_URL is to be. */
  url: string;
  /** Resolves once it has put a replica in the place of the primary. */
  waitForFailOver(): Promise<void>;
}

/** So long may a busy machine keep a primary from answering before it is taken for dead. */
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
