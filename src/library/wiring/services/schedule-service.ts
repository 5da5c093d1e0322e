import type { Logger } from 'pino';
import type { Notices } from '../../../lib/notice/notice.ts';
import {
  type QueueWorker,
  startQueueWorker,
  type WorkerConnection,
} from '../../../lib/queue/queue-worker.ts';
import type { ScheduleImporter } from '../../../lib/schedule/importer.ts';
import type { Settings } from '../../../lib/settings/settings.ts';
import { listWorkers } from '../../../lib/store/redis/worker-registry.ts';
import type { ManifestBounds } from '../../../producer/schedules/schedule-importer.ts';
import { keepSchedules } from '../../../worker/schedules/keep-schedules.ts';
import { planSchedule } from '../../../worker/schedules/plan-schedule.ts';
import { runSchedule } from '../../../worker/schedules/run-schedule.ts';
import type { ScheduleContext } from '../../../worker/schedules/schedule-context.ts';
import { addressGuard } from '../address-guard.ts';
import { findProxyOf } from '../proxies.ts';
import type { Stores } from '../stores.ts';

/** Imports that one process runs at once. A run that only waits does not count. */
const RUNS_AT_ONCE = 2;

/** What a worker process does for schedules. */
export interface ScheduleService {
  start(connection: WorkerConnection): QueueWorker;
  /** Maintains the schedules until disposed. */
  keep(): Disposable;
}

/** @throws SettingsError when MANIFEST_ALLOW_HOSTS is malformed. */
export function createScheduleService(
  settings: Settings,
  stores: Stores,
  { notices, writer }: { notices: Notices; writer: ScheduleContext['writer'] },
  stopping: AbortSignal,
  log: Logger,
): ScheduleService {
  const { store, steering, queues, schedules, scheduleQueue } = stores;
  const now = Date.now;
  const bounds = {
    guard: addressGuard(settings, 'MANIFEST_ALLOW_HOSTS'),
    findProxy: findProxyOf(settings),
    folders: settings.MANIFEST_FOLDERS,
    maxBytes: settings.DASHBOARD_UPLOAD_MAX_BYTES,
  };
  const context: ScheduleContext = {
    schedules,
    queue: scheduleQueue,
    importer: importerWhenNeeded(stores, bounds, now),
    notices,
    writer,
    batches: { store, steering, queues, now },
    log,
    stopping,
  };
  return {
    start: (connection) =>
      startQueueWorker({
        ...connection,
        queue: 'schedule',
        concurrency: RUNS_AT_ONCE,
        handle: (job) => {
          switch (job.kind) {
            case 'tick':
              return planSchedule(context, job.schedule);
            case 'run':
              return runSchedule(context, job.schedule, job.plannedAtMs);
          }
        },
      }),
    keep: () => keepSchedules(context),
  };
}

/** Reading manifests takes a dozen packages, which a worker without schedules should not load. */
function importerWhenNeeded(
  { redis, keys, ...stores }: Stores,
  bounds: ManifestBounds,
  now: () => number,
): ScheduleImporter {
  const load = async (): Promise<ScheduleImporter> => {
    const { LocalScheduleImporter } = await import(
      '../../../producer/schedules/schedule-importer.ts'
    );
    const countWorkers = async () => (await listWorkers(redis, keys)).length;
    const context = { ...stores, now, countWorkers };
    return new LocalScheduleImporter(context, bounds);
  };
  return {
    find: async (schedule, plannedAtMs) => await (await load()).find(schedule, plannedAtMs),
    import: async (task) => await (await load()).import(task),
  };
}
