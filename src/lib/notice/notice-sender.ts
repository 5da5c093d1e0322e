import got, { type Request } from 'got';
import { Webhook } from 'standardwebhooks';
import type { Delivery } from '../core/notice/decide-delivery.ts';
import { findAddressRefused } from '../network/address-refused.ts';
import { withinDeadline } from '../network/deadline.ts';
import type { FindProxy } from '../network/find-proxy.ts';
import { checkUrl, type Guard } from '../network/guarded-lookup.ts';
import { readBeginning, singleRequest } from '../network/single-request.ts';
import { transportFailureOf } from '../network/transport-failure.ts';
import type { NoticeJob } from '../queue/jobs.ts';

export interface NoticeSenderOptions {
  guard: Guard;
  /** The proxy for notices; default none. */
  findProxy?: FindProxy;
  /** `whsec_…`; null signs nothing, and sends only what needs no signature. */
  secret: string | null;
  /** Time limit of one try, in ms. Default 15 s. */
  timeoutMs?: number;
  now: () => number;
}

/** Delivers notices to their receivers. */
export interface NoticeSender {
  /** One POST without redirects. Never rejects unless `signal` is aborted. */
  deliver(notice: NoticeJob, signal: AbortSignal): Promise<Delivery>;
}

const DEFAULT_TIMEOUT_MS = 15_000;

export function createNoticeSender(options: NoticeSenderOptions): NoticeSender {
  const webhook = options.secret === null ? null : new Webhook(options.secret);
  return {
    async deliver(notice, signal) {
      if (webhook === null && notice.target.format === 'standard') {
        return notTaken(null, 'NOTIFY_SECRET is not set, and unsigned notices are not sent');
      }
      try {
        const url = new URL(notice.target.url);
        checkUrl(url, options.guard);
        return await post(url, notice, sign(webhook, notice, options.now()), options, signal);
      } catch (error) {
        signal.throwIfAborted();
        const refused = findAddressRefused(error);
        if (refused !== undefined) return { kind: 'refused', reason: refused.message };
        return notTaken(null, transportFailureOf(error).message);
      }
    },
  };
}

const notTaken = (status: number | null, reason: string, answer = ''): Delivery => ({
  kind: 'not_taken',
  status,
  reason,
  answer,
});

/** The time of this try; receivers refuse requests older than five minutes. */
function sign(
  webhook: Webhook | null,
  { id, body }: NoticeJob,
  nowMs: number,
): Record<string, string> {
  if (webhook === null) return {};
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(nowMs / 1_000)),
    'webhook-signature': webhook.sign(id, new Date(nowMs), body),
  };
}

async function post(
  url: URL,
  { body }: NoticeJob,
  signature: Record<string, string>,
  options: NoticeSenderOptions,
  signal: AbortSignal,
): Promise<Delivery> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  let stream: Request | undefined;
  const chunks: Buffer[] = [];
  const send = async (deadline: AbortSignal): Promise<void> => {
    stream = got.stream.post(url, {
      ...singleRequest(url, options, deadline),
      body,
      headers: {
        ...signature,
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'kling-sessions',
      },
    });
    await readBeginning(stream, chunks);
  };
  await withinDeadline(send, { timeoutMs, signal }).catch((error: unknown) => {
    // Once there is a status, a broken body changes nothing.
    if (stream?.response === undefined) throw error;
  });
  const answer = Buffer.concat(chunks).toString('utf8');
  const status = stream?.response?.statusCode ?? 0;
  if (status >= 200 && status < 300) return { kind: 'taken', status, answer };
  const words = status >= 300 && status < 400 ? ', and redirects are not followed' : '';
  return notTaken(status, `the receiver answered ${status}${words}`, answer);
}
