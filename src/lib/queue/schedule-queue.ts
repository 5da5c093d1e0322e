import type { Redis } from 'ioredis';
import type { Timing } from '../core/schedule/planned-times.ts';
import type { Schedule } from '../core/schedule/schedule.ts';
import type { Keys } from '../store/keys.ts';
import { openQueue, type TypedQueue } from './open-queue.ts';

/**
 * The timer of schedules and the line of their runs. A tick only says that it is time to look; what is due says the
 * schedule's own plan, so that a tick lost, late or doubled does no harm.
 */
export class ScheduleQueue implements AsyncDisposable {
  readonly #queue: TypedQueue<'schedule'>;

  constructor(connection: Redis, keys: Keys) {
    this.#queue = openQueue('schedule', connection, keys);
  }

  /** Has a schedule looked at whenever a time of it comes; takes the place of what was set before. */
  async startTicks(name: string, { cron, zone }: Timing): Promise<void> {
    await this.#queue.upsertJobScheduler(
      name,
      { pattern: cron, tz: zone },
      { name: 'tick', data: { kind: 'tick', schedule: name } },
    );
  }

  async stopTicks(name: string): Promise<void> {
    await this.#queue.removeJobScheduler(name);
  }

  /** When the next tick comes; null when there are none. */
  async readNextTick(name: string): Promise<number | null> {
    return (await this.#queue.getJobScheduler(name))?.next ?? null;
  }

  /** Has a run worked on, as its schedule is now; nothing happens when it is in line already. */
  async addRun(schedule: Schedule, plannedAtMs: number): Promise<void> {
    const jobId = `${schedule.name}-run-${plannedAtMs}`;
    await this.#queue.add('run', { kind: 'run', schedule, plannedAtMs }, { jobId });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue.close();
  }
}
