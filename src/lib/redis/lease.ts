import type { Redis } from 'ioredis';
import { loadScript } from './script.ts';

const LUA = new URL('./lua/', import.meta.url);
const holdLease = loadScript(LUA, 'hold-lease', { keys: ['lease'], args: ['me', 'leaseMs'] });
const releaseLease = loadScript(LUA, 'release-lease', { keys: ['lease'], args: ['me'] });

/**
 * Whether the process `me` has the lease for the next `leaseMs` ms. Must be repeated before they
 * are over.
 */
export const hold = async (
  redis: Redis,
  lease: string,
  { me, leaseMs }: { me: string; leaseMs: number },
): Promise<boolean> => (await holdLease.run(redis, { lease }, { me, leaseMs })) === 1;

/** Does nothing if another process has it. */
export async function release(redis: Redis, lease: string, me: string): Promise<void> {
  await releaseLease.run(redis, { lease }, { me });
}
