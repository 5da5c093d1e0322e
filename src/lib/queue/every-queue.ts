import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Keys } from '../store/keys.ts';
import { JOBS, type QueueName } from './jobs.ts';
import { openQueue } from './open-queue.ts';

/** Every queue of an installation, to look at; opened when first asked for. Closing leaves the connection open. */
export class EveryQueue implements AsyncDisposable {
  readonly #open: () => readonly Queue[];
  #queues: readonly Queue[] | null = null;

  constructor(connection: Redis, keys: Keys) {
    const names = Object.keys(JOBS) as QueueName[];
    this.#open = () => names.map((name) => openQueue(name, connection, keys));
  }

  get queues(): readonly Queue[] {
    this.#queues ??= this.#open();
    return this.#queues;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all((this.#queues ?? []).map((queue) => queue.close()));
  }
}
