import type { Logger } from 'pino';
import type { SteeringContext } from '../../lib/batch/steer-batch.ts';
import type { Notices } from '../../lib/notice/notice.ts';
import type { ScheduleQueue } from '../../lib/queue/schedule-queue.ts';
import type { ScheduleImporter } from '../../lib/schedule/importer.ts';
import type { ScheduleStore } from '../../lib/schedule/schedule-store.ts';

/** What planning and running schedules needs. */
export interface ScheduleContext {
  schedules: ScheduleStore;
  queue: Pick<ScheduleQueue, 'startTicks' | 'stopTicks' | 'readNextTick' | 'addRun'>;
  importer: ScheduleImporter;
  notices: Notices;
  /** To end the batch of an earlier run. Its `now` is the clock of everything here. */
  batches: SteeringContext;
  log: Logger;
  /** Stop; a running import is given back. */
  stopping: AbortSignal;
}
