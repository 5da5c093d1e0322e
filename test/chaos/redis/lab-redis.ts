import type { PrivateRedis } from '../../setup/redis/private-redis.ts';
import type { TcpProxy } from '../tcp-proxy.ts';

export const REDIS_KINDS = ['server', 'sentinel', 'cluster'] as const;
export type RedisKind = (typeof REDIS_KINDS)[number];

/** What the program sees as its Redis. Every connection to one of its servers can be cut. */
export interface LabRedis extends AsyncDisposable {
  kind: RedisKind;
  /** The value for REDIS_URL. */
  url: string;
  servers: readonly LabServer[];
  /** The server that has the rows now. */
  findPrimary(): Promise<LabServer>;
  /** Replaces the living primary, as before maintenance; null if there is no replica. */
  failOver: (() => Promise<void>) | null;
  /** Another number after each replacement of the primary, expected or not. */
  readEpoch(): Promise<number>;
  /** Resolves once every server answers, and the primary has its replica, if there is one. */
  untilWell(): Promise<void>;
}

export interface LabServer {
  redis: PrivateRedis;
  proxy: TcpProxy;
}

/** These servers write to disk before they answer, so any loss is a bug of this program, or of a failover. */
export const EVERY_WRITE_ON_DISK = ['--appendfsync', 'always'] as const;
