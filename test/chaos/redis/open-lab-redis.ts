import { startPrivateRedis } from '../../setup/redis/private-redis.ts';
import { startTcpProxy } from '../tcp-proxy.ts';
import { openCluster } from './cluster.ts';
import { EVERY_WRITE_ON_DISK, type LabRedis, type RedisKind } from './lab-redis.ts';
import { openSentinelGroup } from './sentinel-group.ts';

export function openLabRedis(kind: RedisKind): Promise<LabRedis> {
  switch (kind) {
    case 'server':
      return openServer();
    case 'sentinel':
      return openSentinelGroup();
    case 'cluster':
      return openCluster();
  }
}

async function openServer(): Promise<LabRedis> {
  const redis = await startPrivateRedis(EVERY_WRITE_ON_DISK);
  const proxy = await startTcpProxy(redis.port);
  const server = { redis, proxy };
  return {
    kind: 'server',
    url: `redis://127.0.0.1:${proxy.port}`,
    servers: [server],
    findPrimary: async () => server,
    failOver: null,
    readEpoch: async () => 0,
    untilWell: async () => undefined,
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
    },
  };
}
