import { createHash } from 'node:crypto';
import type { NoticeTarget } from '../core/notice/notice-target.ts';
import type { NoticeQueue } from '../queue/notice-queue.ts';
import { composeBody } from './compose-body.ts';
import { type Notice, type Notices, noticeId } from './notice.ts';

interface QueuedNoticesOptions {
  queue: NoticeQueue;
  /** The webhook of everything without its own; null when there is none. */
  everyones: NoticeTarget | null;
  /** Webhooks of the batches under way, which get notices about the gate, too. */
  listOwn: () => Promise<NoticeTarget[]>;
  /** The address of the dashboard; null for no links. */
  dashboardUrl: string | null;
  now: () => number;
}

/** Puts notices into the queue. Any worker sends them. */
export class QueuedNotices implements Notices {
  readonly #options: QueuedNoticesOptions;

  constructor(options: QueuedNoticesOptions) {
    this.#options = options;
  }

  async send(notice: Notice): Promise<void> {
    const { queue, dashboardUrl, now } = this.#options;
    for (const target of await this.#targetsOf(notice)) {
      const body = composeBody(notice, target.format, { dashboardUrl, nowMs: now() });
      await queue.add({ id: `${noticeId(notice)}-${digestOf(target)}`, target, body });
    }
  }

  async #targetsOf(notice: Notice): Promise<NoticeTarget[]> {
    const { everyones, listOwn } = this.#options;
    const own = await ownTargets(notice, listOwn);
    const isForAll = own.length === 0 || isAboutGate(notice);
    const all = [...own, ...(isForAll && everyones !== null ? [everyones] : [])];
    return [...new Map(all.map((target) => [digestOf(target), target])).values()];
  }
}

const isAboutGate = ({ kind }: Notice): boolean =>
  kind === 'gate_blocked' || kind === 'sessions_used_up';

async function ownTargets(
  notice: Notice,
  listOwn: QueuedNoticesOptions['listOwn'],
): Promise<NoticeTarget[]> {
  switch (notice.kind) {
    case 'finished':
    case 'finished_with_failures':
    case 'paused_itself':
    case 'recovered':
    case 'deadline_at_risk':
    case 'sessions_expire':
    case 'report_failed':
      return notice.notify === null ? [] : [notice.notify];
    case 'report_at_risk':
    case 'run_missed':
    case 'run_skipped':
      return notice.run.notify === null ? [] : [notice.run.notify];
    case 'gate_blocked':
    case 'sessions_used_up':
      return await listOwn();
    case 'database_behind':
    case 'test':
      return [];
  }
}

/** Distinguishes webhooks without showing their addresses. */
const digestOf = ({ url, format }: NoticeTarget): string =>
  createHash('sha256').update(`${format} ${url}`).digest('hex').slice(0, 12);
