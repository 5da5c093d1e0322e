import type { Logger } from 'pino';
import { decideDelivery } from '../../lib/core/notice/decide-delivery.ts';
import { hostOf } from '../../lib/network/allow-hosts.ts';
import type { NoticeSender } from '../../lib/notice/notice-sender.ts';
import type { NoticeJob } from '../../lib/queue/jobs.ts';
import type { JobResult } from '../../lib/queue/queue-worker.ts';

export interface DeliveryContext {
  sender: NoticeSender;
  random: () => number;
  log: Logger;
  halting: AbortSignal;
}

/** Tries to deliver a notice; `attempt` counts from 1. */
export async function deliverNotice(
  { sender, random, log, halting }: DeliveryContext,
  notice: NoticeJob,
  attempt: number,
): Promise<JobResult> {
  const delivery = await sender.deliver(notice, halting).catch((error: unknown) => {
    if (halting.aborted) return null;
    throw error;
  });
  if (delivery === null) return { kind: 'back' };
  // Log only the host: for some receivers the rest of the URL is a secret.
  const fields = { notice: notice.id, host: hostOf(new URL(notice.target.url)), attempt };
  const decision = decideDelivery(delivery, attempt, random());
  const reason = delivery.kind === 'taken' ? null : delivery.reason;
  switch (decision.kind) {
    case 'done':
      log.info(fields, 'notice sent');
      return { kind: 'done' };
    case 'again':
      log.warn({ ...fields, reason, delayMs: decision.delayMs }, 'notice not taken, trying again');
      return { kind: 'later', delayMs: decision.delayMs };
    case 'give_up':
      log.error({ ...fields, reason }, 'notice given up');
      return { kind: 'done' };
  }
}
