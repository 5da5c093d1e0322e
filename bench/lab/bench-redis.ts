import { Redis } from 'ioredis';
import { type PrivateRedis, startPrivateRedis } from '../../test/setup/redis/private-redis.ts';

/** A private server, set up as in production, and a connection to it. */
export interface BenchRedis extends AsyncDisposable {
  url: string;
  redis: Redis;
  /** Bytes in use now, without what the server needs when it is empty. */
  usedBytes(): Promise<number>;
  /** CPU time that the server has used so far, in s. */
  cpuTimeS(): Promise<number>;
  /** Deletes all data. */
  clear(): Promise<void>;
}

export async function startBenchRedis(): Promise<BenchRedis> {
  const server: PrivateRedis = await startPrivateRedis(['--hash-max-listpack-entries', '512']);
  const redis = new Redis(server.url, { maxRetriesPerRequest: null });
  const read = async (): Promise<number> => {
    const info = await redis.info('memory');
    const field = (name: string): number => Number(new RegExp(`${name}:(\\d+)`).exec(info)?.[1]);
    // Buffers of connections and of the append-only file vary.
    return field('used_memory') - field('mem_clients_normal') - field('mem_aof_buffer');
  };
  const emptyBytes = await read();
  return {
    url: server.url,
    redis,
    usedBytes: async () => (await read()) - emptyBytes,
    cpuTimeS: async () => {
      const info = await redis.info('cpu');
      const [user, sys] = ['user', 'sys'].map((kind) =>
        Number(new RegExp(`used_cpu_${kind}:([\\d.]+)`).exec(info)?.[1]),
      );
      return (user ?? 0) + (sys ?? 0);
    },
    clear: async () => {
      await redis.flushall();
    },
    [Symbol.asyncDispose]: async () => {
      redis.disconnect();
      await server[Symbol.asyncDispose]();
    },
  };
}
