import got, { type Request } from 'got';
import { Webhook } from 'standardwebhooks';
import type { Delivery } from '../core/notice/decide-delivery.ts';
import { findAddressRefused } from '../network/address-refused.ts';
import { checkUrl, type Guard, guardedLookup } from '../network/guarded-lookup.ts';
import { transportFailureOf } from '../network/transport-failure.ts';
import type { NoticeJob } from '../queue/jobs.ts';

/** Of the answer so much is read, for people; the status alone decides. */
const MAX_ANSWER_BYTES = 2_000;
const MAX_HEADER_BYTES = 32 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;

export interface NoticeSenderOptions {
  guard: Guard;
  /** `whsec_…`; null signs nothing, and sends only what needs no signature. */
  secret: string | null;
  /** For one try as a whole, in ms. Default 15 s. */
  timeoutMs?: number;
  now: () => number;
}

/** Hands notices to their receivers. */
export interface NoticeSender {
  /** One POST, whose redirects are not followed. Never rejects, unless `signal` is aborted. */
  deliver(notice: NoticeJob, signal: AbortSignal): Promise<Delivery>;
}

const DEFAULT_TIMEOUT_MS = 15_000;

export function createNoticeSender(options: NoticeSenderOptions): NoticeSender {
  const webhook = options.secret === null ? null : new Webhook(options.secret);
  return {
    async deliver(notice, signal) {
      if (webhook === null && notice.target.format === 'standard') {
        return notTaken(null, 'NOTIFY_SECRET is not set, and nothing goes out unsigned');
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

/** The time is that of this try; receivers turn away what is older than five minutes. */
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
  { guard, timeoutMs = DEFAULT_TIMEOUT_MS }: NoticeSenderOptions,
  signal: AbortSignal,
): Promise<Delivery> {
  const stream = got.stream.post(url, {
    body,
    headers: {
      ...signature,
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'kling-sessions',
    },
    dnsLookup: guardedLookup(url, guard),
    followRedirect: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    retry: { limit: 0 },
    signal,
    throwHttpErrors: false,
    timeout: {
      request: timeoutMs,
      lookup: CONNECT_TIMEOUT_MS,
      connect: CONNECT_TIMEOUT_MS,
      secureConnect: CONNECT_TIMEOUT_MS,
    },
  });
  // Told to abort right behind the answer it still breaks, and nobody reads it any more.
  stream.on('error', () => undefined);
  const answer = await readBeginning(stream);
  const status = stream.response?.statusCode ?? 0;
  if (status >= 200 && status < 300) return { kind: 'taken', status, answer };
  const words = status >= 300 && status < 400 ? ', and redirects are not followed' : '';
  return notTaken(status, `the receiver answered ${status}${words}`, answer);
}

/** A broken body changes nothing once the status is there. */
async function readBeginning(stream: Request): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk.subarray(0, MAX_ANSWER_BYTES - sizeBytes));
      sizeBytes += chunk.length;
      if (sizeBytes >= MAX_ANSWER_BYTES) break;
    }
  } catch (error) {
    if (stream.response === undefined) throw error;
  }
  return Buffer.concat(chunks).toString('utf8');
}
