import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { type PrivateRedis, startPrivateRedis } from './private-redis.ts';

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
    await run('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes']);
    await until(() => areAllOk(nodes));
    return { url: `redis+cluster://${addresses.join(',')}`, nodes, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function areAllOk(nodes: readonly PrivateRedis[]): Promise<boolean> {
  const states = await Promise.all(nodes.map(({ url }) => tell(url, 'CLUSTER', 'INFO')));
  return states.every((state) => String(state).includes('cluster_state:ok'));
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('not a TCP address');
  return address.port;
}

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
