import type { Logger } from 'pino';
import type { Notices } from '../../../lib/notice/notice.ts';
import {
  type QueueWorker,
  startQueueWorker,
  type WorkerConnection,
} from '../../../lib/queue/queue-worker.ts';
import { ReportQueue } from '../../../lib/queue/report-queue.ts';
import type { ReportWriter } from '../../../lib/report/delivery/report-writer.ts';
import type { Settings } from '../../../lib/settings/settings.ts';
import { writeReportJob } from '../../../worker/reports/write-report-job.ts';
import { addressGuard } from '../address-guard.ts';
import { findProxyOf } from '../proxies.ts';
import type { Stores } from '../stores.ts';

/** Reports that one process writes at once; each reads its batch as fast as Redis gives it. */
const WRITTEN_AT_ONCE = 1;

/** What a worker process does about reports. Disposing leaves the connection open. */
export interface ReportService extends AsyncDisposable {
  reports: ReportQueue;
  writer: Pick<ReportWriter, 'check' | 'write'>;
  /** Writes the reports in the queue. */
  start(connection: WorkerConnection): QueueWorker;
}

/** @throws SettingsError when REPORT_ALLOW_HOSTS is malformed. */
export function createReportService(
  settings: Settings,
  { redis, keys, store, watch }: Stores,
  notices: Notices,
  halting: AbortSignal,
  log: Logger,
): ReportService {
  const writer = writerWhenNeeded(store, {
    guard: addressGuard(settings, 'REPORT_ALLOW_HOSTS'),
    findProxy: findProxyOf(settings),
    folders: settings.REPORT_FOLDERS,
  });
  const reports = new ReportQueue(redis, keys);
  const context = { store, watch, writer, notices, now: Date.now, log, halting };
  return {
    reports,
    writer,
    start: (connection) =>
      startQueueWorker({
        ...connection,
        queue: 'report',
        concurrency: WRITTEN_AT_ONCE,
        handle: (job, attempt) => writeReportJob(context, job, attempt),
      }),
    [Symbol.asyncDispose]: () => reports[Symbol.asyncDispose](),
  };
}

/** A worker whose batches need no reports does not load the code that writes them. */
function writerWhenNeeded(
  ...given: ConstructorParameters<typeof ReportWriter>
): ReportService['writer'] {
  let writer: Promise<ReportWriter> | undefined;
  const load = (): Promise<ReportWriter> => {
    writer ??= import('../../../lib/report/delivery/report-writer.ts').then(
      ({ ReportWriter }) => new ReportWriter(...given),
    );
    return writer;
  };
  return {
    check: async (place) => await (await load()).check(place),
    write: async (...task) => await (await load()).write(...task),
  };
}
