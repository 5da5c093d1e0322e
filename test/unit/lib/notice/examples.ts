import {
  type Batch,
  DEFAULT_PRIORITY,
  NO_ARRANGEMENTS,
  type RowCounts,
} from '../../../../src/lib/core/batch/batch.ts';
import type { BatchNews } from '../../../../src/lib/notice/notice.ts';
import type { ErrorCount } from '../../../../src/lib/store/batch-store.ts';
import { countsOf } from '../../../setup/examples/counts.ts';

/** A batch that ended in an hour of 2026, with these changes. */
export function batchNews(
  patch: Partial<Omit<Batch, 'counts'>> & { counts?: Partial<RowCounts> } = {},
  errors: ErrorCount[] = [],
): BatchNews {
  const counts = countsOf(patch.counts ?? {});
  const batch: Batch = {
    id: 'clips-1a2b3c4d',
    incarnation: '9f86d08188',
    name: 'clips',
    manifestSha256: '0'.repeat(64),
    shape: { format: 'list', delimiter: null, columns: ['video_url'], roles: NO_ROLES },
    options: {
      strictFps: false,
      maxFailures: { kind: 'off' },
      reuse: false,
      trialRows: null,
    },
    mends: null,
    lineage: null,
    key: null,
    origin: null,
    arrangements: NO_ARRANGEMENTS,
    selection: null,
    state: 'completed',
    stateReason: null,
    isOutsideWindow: false,
    isAtLimit: false,
    riskToldAtMs: null,
    createdAtMs: Date.UTC(2026, 10, 25, 2),
    finishedAtMs: Date.UTC(2026, 10, 25, 3),
    isReadToEnd: true,
    rows: Object.values(counts).reduce((sum, count) => sum + count, 0),
    maxCells: 1,
    possibleOrphans: 0,
    priority: DEFAULT_PRIORITY,
    maxSessions: null,
    keepAlive: null,
    renewalCalls: 0,
    report: null,
    usedSessions: 0,
    cost: { units: 0, balance: 0 },
    cancelledAtMs: null,
    ...patch,
    counts,
  };
  return { batch, errors, notify: null };
}

const NO_ROLES = {
  video_url: 'video_url',
  video_id: null,
  task_id: null,
  video_created_at: null,
} satisfies Batch['shape']['roles'];
