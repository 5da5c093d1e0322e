import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { countPending } from '../../lib/core/batch/batch.ts';
import type { NoticeTarget } from '../../lib/core/notice/notice-target.ts';
import type { Notices } from '../../lib/notice/notice.ts';
import { createNoticeSender, type NoticeSender } from '../../lib/notice/notice-sender.ts';
import { QueuedNotices } from '../../lib/notice/queued-notices.ts';
import { NoticeQueue } from '../../lib/queue/notice-queue.ts';
import {
  type QueueWorker,
  startQueueWorker,
  type WorkerConnection,
} from '../../lib/queue/queue-worker.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import type { BatchWatch } from '../../lib/store/batch-watch.ts';
import { listWorkers } from '../../lib/store/redis/worker-registry.ts';
import { UnreadableRecord } from '../../lib/store/unreadable-record.ts';
import { deliverNotice } from '../../worker/upkeep/deliver-notice.ts';
import { runUpkeep, type Upkeep } from '../../worker/upkeep/run-upkeep.ts';
import { CliError, EXIT } from '../process/exit.ts';
import { addressGuard } from './address-guard.ts';
import { gatePolicyOf } from './gate-policy.ts';
import { findProxyOf } from './proxies.ts';
import type { Stores } from './stores.ts';

/** @throws CliError when a standard webhook is set without the secret that signs it. */
export function defaultTarget(settings: Settings): NoticeTarget | null {
  const { NOTIFY_URL: url, NOTIFY_FORMAT: format, NOTIFY_SECRET } = settings;
  if (url === undefined) return null;
  if (format === 'slack' || NOTIFY_SECRET !== undefined) return { url, format };
  throw new CliError(
    EXIT.usage,
    'NOTIFY_URL is set but NOTIFY_SECRET is not, and notices must be signed. Make a secret with `echo whsec_$(openssl rand -base64 32)` and give it to the receiver, too; or set NOTIFY_FORMAT=slack.',
  );
}

/** @throws CliError when NOTIFY_ALLOW_HOSTS is malformed. */
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
  /** Queues due notices until disposed. */
  keep(isLeader: () => Promise<boolean>): Upkeep;
  /** Resolves when every notice was tried once, or after 10 s. */
  settle(): Promise<void>;
}

/** Notices that one process sends at the same time. */
const SENT_AT_ONCE = 4;
const LONGEST_SETTLING_MS = 10_000;
const LOOK_MS = 100;

/** @throws CliError as `defaultTarget` and `openNoticeSender` do. */
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
    keep: (isLeader) =>
      runUpkeep({
        ...{ store, steering, queues, watch, gateStore, paceSources, notices, isLeader, log },
        now: Date.now,
      }),
    async settle() {
      const untilMs = Date.now() + LONGEST_SETTLING_MS;
      while ((await queue.countDue()) > 0 && Date.now() < untilMs) await wait(LOOK_MS);
    },
    [Symbol.asyncDispose]: () => queue[Symbol.asyncDispose](),
  };
}

/** Webhooks of batches that have rows to work on. */
async function listOwnTargets(watch: BatchWatch): Promise<NoticeTarget[]> {
  const targets: NoticeTarget[] = [];
  for await (const batch of watch.listArranged()) {
    const target = countPending(batch.counts) > 0 ? await readNotify(watch, batch.id) : null;
    if (target !== null) targets.push(target);
  }
  return targets;
}

/** A batch that cannot be read is reported where it is used. */
async function readNotify(watch: BatchWatch, batchId: string): Promise<NoticeTarget | null> {
  try {
    return await watch.readNotify(batchId);
  } catch (error) {
    if (error instanceof UnreadableRecord) return null;
    throw error;
  }
}
