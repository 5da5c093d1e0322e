import { createKeys } from '../../../src/lib/store/keys.ts';
import {
  type RedisCluster,
  startRedisCluster,
  tell,
  until,
  untilReplicated,
} from '../../setup/redis/redis-groups.ts';
import { EVERY_WRITE_ON_DISK, type LabRedis, type LabServer } from './lab-redis.ts';
import { Proxies } from './proxied-servers.ts';

/** A busy machine must not make nodes think that another one is dead. */
const SETTINGS = [...EVERY_WRITE_ON_DISK, '--cluster-node-timeout', '5000', '--repl-timeout', '15'];

/** How long a planned failover may take. */
const LONGEST_FAILOVER_MS = 60_000;
const FAILOVER_MS = 10_000;

/** Three primaries and their replicas. All rows are on one of them. */
export async function openCluster(): Promise<LabRedis> {
  const proxies = new Proxies();
  try {
    const cluster = await startRedisCluster({
      hasReplicas: true,
      settings: SETTINGS,
      putBefore: (target) => proxies.putBefore(target),
    });
    return new ClusterRedis(cluster, proxies);
  } catch (error) {
    await proxies[Symbol.asyncDispose]();
    throw error;
  }
}

class ClusterRedis implements LabRedis {
  readonly kind = 'cluster';
  readonly url: string;
  readonly servers: readonly LabServer[];
  readonly #cluster: RedisCluster;
  readonly #proxies: Proxies;
  readonly #key = createKeys().batches;

  constructor(cluster: RedisCluster, proxies: Proxies) {
    this.url = cluster.url;
    this.#cluster = cluster;
    this.#proxies = proxies;
    this.servers = proxies.pairWith(cluster.nodes);
  }

  async findPrimary(): Promise<LabServer> {
    const { primary } = await this.#cluster.findNodesOf(this.#key);
    const found = this.servers.find(({ redis }) => redis === primary);
    if (found === undefined) throw new Error('the primary is none of the nodes');
    return found;
  }

  /**
   * A replica gives up when it has not caught up within 5 s; then it is asked again. Where it never catches up, because
   * the machine is too busy, the primary stays; `untilWell` has the last word.
   */
  async failOver(): Promise<void> {
    const { replica } = await this.#cluster.findNodesOf(this.#key);
    const leaveAtMs = Date.now() + LONGEST_FAILOVER_MS;
    let askedAtMs = 0;
    const hasReplaced = until(async () => {
      if ((await this.findPrimary()).redis === replica || Date.now() > leaveAtMs) return true;
      if (Date.now() - askedAtMs < FAILOVER_MS) return false;
      askedAtMs = Date.now();
      await tell(replica.url, 'CLUSTER', 'FAILOVER');
      return false;
    });
    await hasReplaced.catch(() => undefined);
  }

  readEpoch(): Promise<number> {
    return this.#cluster.readEpoch();
  }

  /** Nodes hear of a failover one after the other, so all are asked. */
  async untilWell(): Promise<void> {
    await until(async () => {
      if (!(await this.#cluster.isWell())) return false;
      const { redis } = await this.findPrimary();
      return /role:master.*connected_slaves:1\b.*state=online/s.test(
        String(await tell(redis.url, 'INFO', 'replication')),
      );
    });
    await untilReplicated(async () => (await this.findPrimary()).redis);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cluster[Symbol.asyncDispose]();
    await this.#proxies[Symbol.asyncDispose]();
  }
}
