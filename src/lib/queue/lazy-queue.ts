import type { Redis } from 'ioredis';
import type { Keys } from '../store/keys.ts';
import type { QueueName } from './jobs.ts';
import type { TypedQueue } from './open-queue.ts';

/**
 * A queue that is opened when it is first used: most commands use none, and loading BullMQ takes longer than their
 * work. Closing leaves the connection open.
 */
export class LazyQueue<Q extends QueueName> implements AsyncDisposable {
  readonly #open: () => Promise<TypedQueue<Q>>;
  #opened: Promise<TypedQueue<Q>> | null = null;

  constructor(name: Q, connection: Redis, keys: Keys) {
    this.#open = async () => {
      const { openQueue } = await import('./open-queue.ts');
      return openQueue(name, connection, keys);
    };
  }

  open(): Promise<TypedQueue<Q>> {
    this.#opened ??= this.#open();
    return this.#opened;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#opened)?.close();
  }
}
