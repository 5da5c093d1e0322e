import type { Redis } from 'ioredis';
import type { RedisNode } from './address.ts';
import { type RedisUnusable, unusableBecause } from './unusable.ts';

/** CLUSTER SLOTS: the first and last slot of a range, and its nodes. A node that does not know its host has none. */
type Slots = [first: number, last: number, ...nodes: [host: string | null, port: number][]][];

const MOST_NAMED = 6;

/**
 * Why the cluster at `url` cannot be used although a node of it answers; null if the node's answer does not tell. The
 * client only waits in these cases. `node` is a connection to that node; `given` are the nodes in the address.
 */
export async function explainCluster(
  node: Redis,
  url: string,
  given: readonly RedisNode[],
): Promise<RedisUnusable | null> {
  const slots = (await node.call('CLUSTER', 'SLOTS')) as Slots;
  if (slots.length === 0) return unusableBecause('unsuitable', url, ...NO_SLOTS);
  const nodes = slots.flatMap(([, , ...holders]) => holders);
  if (nodes.some(([host]) => !host)) return unusableBecause('unsuitable', url, ...NO_ADDRESS);
  const written = new Set(given.map(({ host, port }) => `${host}:${port}`));
  const named = new Set(nodes.map(([host, port]) => `${host}:${port}`));
  const others = [...named].filter((address) => !written.has(address));
  if (others.length === 0) return await explainState(node, url);
  const reason = `its nodes say that they are at ${others.slice(0, MOST_NAMED).join(', ')}`;
  return unusableBecause('unreachable', url, reason, ADVICE_ELSEWHERE);
}

/** CLUSTER INFO: what the node thinks of the whole cluster. */
async function explainState(node: Redis, url: string): Promise<RedisUnusable | null> {
  const info = String(await node.call('CLUSTER', 'INFO'));
  if (!info.includes('cluster_state:fail')) return null;
  return unusableBecause('unreachable', url, ...NOT_SERVING);
}

const NOT_SERVING = [
  'it does not serve all slots at the moment',
  'Try again after its failover; `redis-cli --cluster check` says what is missing.',
] as const;
const NO_SLOTS = [
  'its nodes hold no slots yet',
  'Make the cluster with `redis-cli --cluster create`.',
] as const;
const NO_ADDRESS = [
  'its nodes do not know their own addresses',
  'Set cluster-announce-ip on each node.',
] as const;
const ADVICE_ELSEWHERE = 'Make them reachable from here, or set cluster-announce-ip on each node.';
