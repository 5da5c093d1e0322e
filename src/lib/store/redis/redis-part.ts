import type { Redis } from 'ioredis';
import type { Keys } from '../keys.ts';

/** The connection and the keys of a store. */
export interface Place {
  redis: Redis;
  keys: Keys;
}

/** A part of the store on Redis. The connection is the caller's and stays open. */
export abstract class RedisPart {
  protected readonly redis: Redis;
  protected readonly keys: Keys;
  protected readonly place: Place;

  constructor(redis: Redis, keys: Keys) {
    this.redis = redis;
    this.keys = keys;
    this.place = { redis, keys };
  }
}
