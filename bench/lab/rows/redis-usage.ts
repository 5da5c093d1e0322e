import type { Redis } from 'ioredis';

/** What a server has done so far, by its own counters. */
export interface RedisUsage {
  cpuS: number;
  bytesIn: number;
  bytesOut: number;
}

export async function readRedisUsage(redis: Redis): Promise<RedisUsage> {
  const info = await redis.info('everything');
  const read = (field: string): number =>
    Number(new RegExp(`^${field}:([\\d.]+)`, 'm').exec(info)?.[1] ?? Number.NaN);
  return {
    cpuS: read('used_cpu_user') + read('used_cpu_sys'),
    bytesIn: read('total_net_input_bytes'),
    bytesOut: read('total_net_output_bytes'),
  };
}
