import type { Redis } from 'ioredis';
import type { Timing } from '../core/schedule/planned-times.ts';
import type { Schedule } from '../core/schedule/schedule.ts';
import type { Keys } from '../store/keys.ts';
import { LazyQueue } from './lazy-queue.ts';

/**
 * The timer of schedules and the queue of their runs. A tick only triggers a look; the schedule's own plan says what
 * is due. So a lost, late or repeated tick does no harm.
 */
export class ScheduleQueue implements AsyncDisposable {
  readonly #queue: LazyQueue<'schedule'>;

  constructor(connection: Redis, keys: Keys) {
    this.#queue = new LazyQueue('schedule', connection, keys);
  }

  /** Triggers a look at a schedule at each of its times; replaces the earlier timer. */
  async startTicks(name: string, { cron, zone }: Timing): Promise<void> {
    const queue = await this.#queue.open();
    await queue.upsertJobScheduler(
      name,
      { pattern: cron, tz: zone },
      { name: 'tick', data: { kind: 'tick', schedule: name } },
    );
  }

  async stopTicks(name: string): Promise<void> {
    const queue = await this.#queue.open();
    await queue.removeJobScheduler(name);
  }

  /** When the next tick comes; null when there are none. */
  async readNextTick(name: string): Promise<number | null> {
    const queue = await this.#queue.open();
    return (await queue.getJobScheduler(name))?.next ?? null;
  }

  /** Queues a run, with its schedule as it is now. Does nothing if the run is already queued. */
  async addRun(schedule: Schedule, plannedAtMs: number): Promise<void> {
    const jobId = `${schedule.name}-run-${plannedAtMs}`;
    const queue = await this.#queue.open();
    await queue.add('run', { kind: 'run', schedule, plannedAtMs }, { jobId });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue[Symbol.asyncDispose]();
  }
}
