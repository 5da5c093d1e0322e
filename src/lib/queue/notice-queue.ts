import type { Redis } from 'ioredis';
import type { Keys } from '../store/keys.ts';
import type { NoticeJob } from './jobs.ts';
import { openQueue, type TypedQueue } from './open-queue.ts';

/** How long, and for how many notices, the queue remembers what was sent, so that nothing is sent twice. */
const REMEMBERED = { age: 7 * 86_400, count: 1_000 };

/** The queue of notices. Closing leaves the connection open. */
export class NoticeQueue implements AsyncDisposable {
  readonly #queue: TypedQueue<'notice'>;

  constructor(connection: Redis, keys: Keys) {
    this.#queue = openQueue('notice', connection, keys);
  }

  /** A notice with a known id is dropped. */
  async add(notice: NoticeJob): Promise<void> {
    await this.#queue.add('notice', notice, { jobId: notice.id, removeOnComplete: REMEMBERED });
  }

  /** Notices that were not tried yet, or are being sent. */
  async countDue(): Promise<number> {
    const { wait = 0, active = 0 } = await this.#queue.getJobCounts('wait', 'active');
    return wait + active;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue.close();
  }
}
