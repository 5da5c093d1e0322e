import type { Redis } from 'ioredis';
import { redactRedisUrl } from './address.ts';
import { RedisUnusable } from './unusable.ts';

/**
 * Checks that a server is what its address says, and evicts nothing. Uses INFO, because managed servers forbid
 * CONFIG.
 * @throws RedisUnusable otherwise; the error of Redis when INFO is refused.
 */
export async function checkServer(redis: Redis, url: string, isCluster: boolean): Promise<void> {
  const info = await redis.info();
  const problem = findProblem(info, url, isCluster);
  if (problem === null) return;
  throw new RedisUnusable('unsuitable', `Redis at ${redactRedisUrl(url)} ${problem}`);
}

function findProblem(info: string, url: string, isCluster: boolean): string | null {
  const mode = /^redis_mode:(\w+)/m.exec(info)?.[1];
  const host = redactRedisUrl(url).replace(/^[a-z+]+:\/\/|\/.*$/g, '');
  const scheme = url.startsWith('rediss') ? 'rediss' : 'redis';
  if (mode === 'cluster' && !isCluster) {
    return `is a node of a cluster; write ${scheme}+cluster://${host} in REDIS_URL.`;
  }
  if (mode === 'sentinel') {
    return `is a sentinel; write ${scheme}+sentinel://${host}/<name of the primary> in REDIS_URL.`;
  }
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
  if (policy === undefined || policy === 'noeviction') return null;
  return `has maxmemory-policy ${policy} and would silently drop rows; set it to noeviction.`;
}
