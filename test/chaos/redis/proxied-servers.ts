import type { PrivateRedis } from '../../setup/redis/private-redis.ts';
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.ts';
import type { LabServer } from './lab-redis.ts';

/** Proxies that exist before their servers, because a server is told at its start which port to announce. */
export class Proxies implements AsyncDisposable {
  readonly #all: TcpProxy[] = [];

  /** The port of a new proxy before the port that `target` gives later. */
  async putBefore(target: () => number): Promise<number> {
    const proxy = await startTcpProxy(target);
    this.#all.push(proxy);
    return proxy.port;
  }

  /** With the proxies in the order in which the servers were started. */
  pairWith(servers: readonly PrivateRedis[]): LabServer[] {
    return servers.flatMap((redis, index) => {
      const proxy = this.#all[index];
      return proxy === undefined ? [] : [{ redis, proxy }];
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#all.map((proxy) => proxy[Symbol.asyncDispose]()));
  }
}
