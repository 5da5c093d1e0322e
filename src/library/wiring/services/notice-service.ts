import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { countPending } from '../../../lib/core/batch/batch.ts';
import type { NoticeTarget } from '../../../lib/core/notice/notice-target.ts';
import type { Notices } from '../../../lib/notice/notice.ts';
import { createNoticeSender, type NoticeSender } from '../../../lib/notice/notice-sender.ts';
import { QueuedNotices } from '../../../lib/notice/queued-notices.ts';
import { RowNoticeStore } from '../../../lib/notice/rows/row-notice-store.ts';
import { NoticeQueue } from '../../../lib/queue/notice-queue.ts';
import {
  type QueueWorker,
  startQueueWorker,
  type WorkerConnection,
} from '../../../lib/queue/queue-worker.ts';
import type { ReportQueue } from '../../../lib/queue/report-queue.ts';
import type { Settings } from '../../../lib/settings/settings.ts';
import type { BatchWatch } from '../../../lib/store/batch-watch.ts';
import { listWorkers } from '../../../lib/store/redis/worker-registry.ts';
import { nullIfUnreadable } from '../../../lib/store/unreadable-record.ts';
import { deliverNotice } from '../../../worker/notices/deliver-notice.ts';
import { keepRowNotices, type RowNotices } from '../../../worker/notices/keep-row-notices.ts';
import { runUpkeep, type Upkeep } from '../../../worker/upkeep/run-upkeep.ts';
import { SettingsError } from '../../errors/settings-error.ts';
import { addressGuard } from '../address-guard.ts';
import { gatePolicyOf } from '../gate-policy.ts';
import { findProxyOf } from '../proxies.ts';
import type { Stores } from '../stores.ts';

/** @throws SettingsError when a standard webhook is set without the secret that signs it. */
export function defaultTarget(settings: Settings): NoticeTarget | null {
  const { NOTIFY_URL: url, NOTIFY_FORMAT: format, NOTIFY_SECRET, NOTIFY_ROWS } = settings;
  if (NOTIFY_ROWS !== 'none' && (url === undefined || format !== 'standard')) {
    throw new SettingsError(
      'NOTIFY_ROWS is set, and rows are only sent to a NOTIFY_URL with NOTIFY_FORMAT=standard. Set both, or leave out NOTIFY_ROWS.',
    );
  }
  if (url === undefined) return null;
  if (format === 'slack' || NOTIFY_SECRET !== undefined) return { url, format };
  throw new SettingsError(
    'NOTIFY_URL is set but NOTIFY_SECRET is not, and notices must be signed. Make a secret with `echo whsec_$(openssl rand -base64 32)` and give it to the receiver, too; or set NOTIFY_FORMAT=slack.',
  );
}

/** @throws SettingsError when NOTIFY_ALLOW_HOSTS is malformed. */
export function openNoticeSender(settings: Settings): NoticeSender {
  return createNoticeSender({
    guard: addressGuard(settings, 'NOTIFY_ALLOW_HOSTS'),
    findProxy: findProxyOf(settings),
    secret: settings.NOTIFY_SECRET ?? null,
    now: Date.now,
  });
}

/** What a worker process does about notices. Disposing leaves the connection open. */
export interface NoticeService extends AsyncDisposable {
  notices: Notices;
  /** Sends the notices in the queue. */
  start(connection: WorkerConnection): QueueWorker;
  /** Queues due notices and reports until disposed. */
  keep(isLeader: () => Promise<boolean>, reports: ReportQueue): Upkeep;
  /** Resolves when every notice was tried once, or after 10 s. */
  settle(): Promise<void>;
}

/** Notices that one process sends at the same time. */
const SENT_AT_ONCE = 4;
const LONGEST_SETTLING_MS = 10_000;
const LOOK_MS = 100;

/** @throws SettingsError as `defaultTarget` and `openNoticeSender` do. */
export function createNoticeService(
  settings: Settings,
  stores: Stores,
  halting: AbortSignal,
  log: Logger,
): NoticeService {
  const everyones = defaultTarget(settings);
  const sender = openNoticeSender(settings);
  const { redis, keys, store, steering, queues, overview, watch, gateStore } = stores;
  const paceSources = {
    overview,
    gateStore,
    listWorkers: () => listWorkers(redis, keys),
    limits: gatePolicyOf(settings),
  };
  const queue = new NoticeQueue(redis, keys);
  const notices = new QueuedNotices({
    queue,
    everyones,
    listOwn: () => listOwnTargets(watch),
    dashboardUrl: settings.DASHBOARD_URL ?? null,
    now: Date.now,
  });
  return {
    notices,
    start: (connection) =>
      startQueueWorker({
        ...connection,
        queue: 'notice',
        concurrency: SENT_AT_ONCE,
        handle: (job, attempt) =>
          deliverNotice({ sender, random: Math.random, log, halting }, job, attempt),
      }),
    keep: (isLeader, reports) => {
      const rows = keepRows(settings, stores, sender, log);
      const upkeep = runUpkeep({
        ...{ store, steering, queues, watch, gateStore, paceSources, notices, reports },
        isLeader,
        log,
        now: Date.now,
      });
      return {
        look: async () => {
          await upkeep.look();
          await rows?.look();
        },
        [Symbol.dispose]: () => {
          upkeep[Symbol.dispose]();
          rows?.[Symbol.dispose]();
        },
      };
    },
    async settle() {
      const untilMs = Date.now() + LONGEST_SETTLING_MS;
      while ((await queue.countDue()) > 0 && Date.now() < untilMs) await wait(LOOK_MS);
    },
    [Symbol.asyncDispose]: () => queue[Symbol.asyncDispose](),
  };
}

/** Null if no rows are sent. */
function keepRows(
  settings: Settings,
  { redis, keys, store, rowIndex, feed }: Stores,
  sender: NoticeSender,
  log: Logger,
): RowNotices | null {
  const { NOTIFY_ROWS: which } = settings;
  const target = defaultTarget(settings);
  if (which === 'none' || target === null) return null;
  const places = new RowNoticeStore(redis, keys, target.url);
  const now = Date.now;
  return keepRowNotices({ store, rowIndex, feed, which, target, sender, places, now, log });
}

/** Webhooks of batches that have open rows. */
async function listOwnTargets(watch: BatchWatch): Promise<NoticeTarget[]> {
  const targets: NoticeTarget[] = [];
  for await (const batch of watch.listArranged()) {
    const target = countPending(batch.counts) > 0 ? await readNotify(watch, batch.id) : null;
    if (target !== null) targets.push(target);
  }
  return targets;
}

/** An unreadable batch is reported where it is used. */
async function readNotify(watch: BatchWatch, batchId: string): Promise<NoticeTarget | null> {
  return await watch.readNotify(batchId).catch(nullIfUnreadable);
}
