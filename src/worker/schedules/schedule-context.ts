import type { Logger } from 'pino';
import type { SteeringContext } from '../../lib/batch/steer-batch.ts';
import type { Notices } from '../../lib/notice/notice.ts';
import type { ScheduleQueue } from '../../lib/queue/schedule-queue.ts';
import type { ReportWriter } from '../../lib/report/delivery/report-writer.ts';
import type { ScheduleImporter } from '../../lib/schedule/importer.ts';
import type { ScheduleStore } from '../../lib/schedule/schedule-store.ts';

/** Needed to plan and run schedules. */
export interface ScheduleContext {
  schedules: ScheduleStore;
  queue: Pick<ScheduleQueue, 'startTicks' | 'stopTicks' | 'readNextTick' | 'addRun'>;
  importer: ScheduleImporter;
  notices: Notices;
  /** Checks the places of reports. */
  writer: Pick<ReportWriter, 'check'>;
  /** Used to end the batch of an earlier run. Everything here uses its `now`. */
  batches: SteeringContext;
  log: Logger;
  /** Shutting down; a running import is returned to the queue. */
  stopping: AbortSignal;
}
