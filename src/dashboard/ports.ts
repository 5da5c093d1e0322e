import type { Logger } from 'pino';
import type { ActivityLog } from '../lib/activity/activity-log.ts';
import type { BatchActivity } from '../lib/activity/batch-activity.ts';
import type { Timeline } from '../lib/activity/timeline.ts';
import type { BulkStore } from '../lib/bulk/bulk-store.ts';
import type { GateLimits } from '../lib/core/gate/gate.ts';
import type { CopyStateStore } from '../lib/database/copy-state-store.ts';
import type { GateStore } from '../lib/gate/gate-store.ts';
import type { IdempotencyStore } from '../lib/idempotency/idempotency-store.ts';
import type { Metrics } from '../lib/metrics/metrics.ts';
import type { EveryQueue } from '../lib/queue/every-queue.ts';
import type { Queues } from '../lib/queue/queues.ts';
import type { Readiness } from '../lib/redis/readiness.ts';
import type { ScheduleStore } from '../lib/schedule/schedule-store.ts';
import type { ScheduleSteering } from '../lib/schedule/steer-schedule.ts';
import type { BatchOverview } from '../lib/store/batch-overview.ts';
import type { BatchSteering } from '../lib/store/batch-steering.ts';
import type { BatchStore } from '../lib/store/batch-store.ts';
import type { KeyIndex } from '../lib/store/key-index.ts';
import type { AuditLog } from '../lib/store/redis/audit-log.ts';
import type { WorkerInfo } from '../lib/store/redis/worker-registry.ts';
import type { ResultFeed } from '../lib/store/result-feed.ts';
import type { RowIndex } from '../lib/store/row-index.ts';
import type { SearchIndex } from '../lib/store/search-index.ts';
import type { TokenStore } from '../lib/tokens/token-store.ts';
import type { ManifestImports } from './uploads/manifest-imports.ts';
import type { UploadStore } from './uploads/upload-store.ts';

/** What the dashboard needs from the rest of the program; `cli/actions/dashboard.ts` provides it. */
export interface DashboardPorts {
  store: BatchStore;
  overview: BatchOverview;
  steering: BatchSteering;
  rowIndex: RowIndex;
  keyIndex: KeyIndex;
  searchIndex: SearchIndex;
  feed: ResultFeed;
  copyState: Pick<CopyStateStore, 'read'>;
  activity: ActivityLog;
  batchActivity: BatchActivity;
  timeline: Timeline;
  queues: Queues;
  everyQueue: EveryQueue;
  bulk: BulkStore;
  /** Bulk actions that were just started begin at once. */
  wakeBulk: () => void;
  gateStore: GateStore;
  audit: AuditLog;
  tokens: TokenStore;
  idempotency: IdempotencyStore;
  /** Workers with a recent heartbeat. */
  listWorkers: () => Promise<WorkerInfo[]>;
  /** The limits of a worker started here; used as long as there is none. */
  ownLimits: GateLimits;
  /** The sentence for when no worker runs. Default `NO_WORKER`. */
  noWorker?: string;
  schedules: ScheduleStore;
  scheduleQueue: ScheduleSteering['scheduleQueue'];
  /** The default time zone for times of day. @throws UnusableRequest when it has no name. */
  machineZone: () => string;
  /** The only folders for reports that people and programs may name here; none by default. */
  reportFolders?: readonly string[];
  manifests: ManifestImports;
  uploads: UploadStore;
  metrics: Metrics;
  readiness: Readiness;
  /** The version of the program. */
  version: string;
  now: () => number;
  log: Logger;
}

/** The same, with what tells how many sessions of the day are left. */
export const withDay = (ports: DashboardPorts) => ({ ...ports, day: ports });
