import { type PrivateRedis, startPrivateRedis } from '../../setup/redis/private-redis.ts';
import {
  type Sentinel,
  startSentinel,
  tell,
  until,
  untilReplicated,
  waitForReplica,
} from '../../setup/redis/redis-groups.ts';
import { EVERY_WRITE_ON_DISK, type LabRedis, type LabServer } from './lab-redis.ts';
import { Proxies } from './proxied-servers.ts';

/** As the handbook asks for: a primary without its replica must not take writes that a failover would discard. */
const SETTINGS = [...EVERY_WRITE_ON_DISK, '--min-replicas-to-write', '1', '--repl-timeout', '15'];

/** Beside other work, a healthy primary may not answer for some seconds. */
const DOWN_AFTER_MS = 5_000;

/** A primary and its replica, watched by a sentinel that knows both by their proxies. */
export async function openSentinelGroup(): Promise<LabRedis> {
  const opened: AsyncDisposable[] = [];
  const close = async (): Promise<void> => {
    for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
  };
  try {
    const servers = await startServers(opened);
    const [first, second] = servers;
    await tell(second.redis.url, 'REPLICAOF', '127.0.0.1', String(first.proxy.port));
    await waitForReplica(second.redis);
    const sentinel = await startSentinel({ port: first.proxy.port }, DOWN_AFTER_MS);
    opened.push(sentinel);
    return new SentinelGroup(servers, sentinel, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function startServers(opened: AsyncDisposable[]): Promise<[LabServer, LabServer]> {
  const proxies = new Proxies();
  opened.push(proxies);
  const start = async (): Promise<PrivateRedis> => {
    const started: PrivateRedis[] = [];
    const port = await proxies.putBefore(() => started[0]?.port ?? 0);
    const announced = ['--replica-announce-ip', '127.0.0.1', '--replica-announce-port'];
    const redis = await startPrivateRedis([...SETTINGS, ...announced, String(port)]);
    started.push(redis);
    opened.push(redis);
    return redis;
  };
  const [first, second] = proxies.pairWith([await start(), await start()]);
  if (first === undefined || second === undefined) throw new Error('two servers were started');
  return [first, second];
}

class SentinelGroup implements LabRedis {
  readonly kind = 'sentinel';
  readonly url: string;
  readonly servers: readonly LabServer[];
  readonly #sentinel: Sentinel;
  readonly #close: () => Promise<void>;

  constructor(servers: readonly LabServer[], sentinel: Sentinel, close: () => Promise<void>) {
    this.url = sentinel.url;
    this.servers = servers;
    this.#sentinel = sentinel;
    this.#close = close;
  }

  async findPrimary(): Promise<LabServer> {
    const port = await this.#sentinel.findPrimaryPort();
    const found = this.servers.find(({ proxy }) => proxy.port === port);
    if (found === undefined) throw new Error(`the sentinel names a primary at port ${port}`);
    return found;
  }

  async failOver(): Promise<void> {
    const old = await this.findPrimary();
    await this.#sentinel.failOver();
    await until(async () => (await this.findPrimary()) !== old);
  }

  readEpoch(): Promise<number> {
    return this.#sentinel.readEpoch();
  }

  async untilWell(): Promise<void> {
    await until(async () => {
      if (await this.#sentinel.isReplacing()) return false;
      const { redis } = await this.findPrimary();
      return /role:master.*min_slaves_good_slaves:1/s.test(
        String(await tell(redis.url, 'INFO', 'replication')),
      );
    });
    await untilReplicated(async () => (await this.findPrimary()).redis);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}
