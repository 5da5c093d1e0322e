import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Call, type CallContext, type IncomingCall, type Reply, refused } from './call.ts';
import {
  type CheckedSource,
  checkAuthorization,
  checkRequest,
  parseFields,
} from './check-request.ts';
import type { CallEnding, CalledSource } from './ledger.ts';
import { openSession } from './open-session.ts';
import { type Action, type DelayRange, type Delivery, planAction } from './scenario/plan-action.ts';
import { sendAnswer } from './send-answer.ts';

const NOTHING: Reply = { answer: null, result: 'none', sessionId: null };

/**
 * Answers one call of init-selection, from the scenario or otherwise like the API, and records it in the ledger.
 * Continues if the caller disconnects, as the API does: a session may then be opened without the caller knowing.
 */
export async function handleCall(context: CallContext, incoming: IncomingCall): Promise<void> {
  const { outgoing } = incoming;
  const record = context.ledger.arrive(context.now());
  let reply = NOTHING;
  let delivery: Delivery = 'reset';
  try {
    const fields = parseFields(await incoming.readBody());
    record.source = sourceOf(fields);
    const rule = context.player?.next(record.source, context.now()) ?? null;
    record.rule = rule?.name ?? null;
    const requestId = randomUUID();
    const action = planAction(rule?.do ?? null, requestId);
    reply = await replyTo(context, { ...incoming, number: record.call, fields, requestId }, action);
    delivery = reply.delivery ?? action.delivery;
    if (delivery === 'hang') await untilGone(outgoing, context.closing);
  } finally {
    context.ledger.end(record, context.now(), endingOf(reply, delivery, outgoing));
  }
  sendAnswer(outgoing, reply.answer, delivery);
}

async function replyTo(context: CallContext, call: Call, action: Action): Promise<Reply> {
  const startedAtMs = performance.now();
  const atOnce = replyAtOnce(context, call, action);
  if (atOnce.kind === 'reply') {
    if (action.delayMs !== null) await pause(context, action.delayMs, startedAtMs);
    return withHeaders(atOnce.reply, action.headers);
  }
  try {
    const reply = await openSession(context, call, atOnce.source);
    await pause(context, action.delayMs ?? context.latencyMs, startedAtMs);
    return withHeaders(reply, action.headers);
  } finally {
    context.limits.release();
  }
}

type AtOnce = { kind: 'reply'; reply: Reply } | { kind: 'admitted'; source: CheckedSource };

/** The answer that does not depend on the video. `admitted` has taken a place under the limits. */
function replyAtOnce(context: CallContext, call: Call, action: Action): AtOnce {
  const say = (reply: Reply): AtOnce => ({ kind: 'reply', reply });
  if (action.answer.kind === 'none') return say(NOTHING);
  if (action.answer.kind === 'scripted') {
    return say({ answer: action.answer.answer, result: 'scripted', sessionId: null });
  }
  const unauthorized = checkAuthorization(call.authorization, context.apiKey);
  if (unauthorized !== null) return say(refused(call, unauthorized, 'unauthorized'));
  const checked = checkRequest(call.contentType, call.fields);
  if (!checked.ok) return say(refused(call, checked.refusal));
  switch (context.limits.admit(context.now())) {
    case 'too_fast':
      return say(refused(call, { kind: 'kling_error', code: 1302 }, 'throttled'));
    case 'too_many':
      return say(refused(call, { kind: 'kling_error', code: 1303 }, 'throttled'));
    case 'admitted':
      return { kind: 'admitted', source: checked.source };
  }
}

/** Waits until the call has taken a random time in that range, including the time already taken. */
async function pause(context: CallContext, range: DelayRange, startedAtMs: number): Promise<void> {
  const delayMs = range.min + context.random() * (range.max - range.min);
  const leftMs = startedAtMs + delayMs - performance.now();
  if (leftMs > 0) await sleep(leftMs, undefined, { signal: context.closing });
}

async function untilGone(outgoing: ServerResponse, closing: AbortSignal): Promise<void> {
  if (!outgoing.destroyed) await once(outgoing, 'close', { signal: closing });
}

function withHeaders(reply: Reply, headers: Record<string, string>): Reply {
  if (reply.answer === null) return reply;
  return {
    ...reply,
    answer: { ...reply.answer, headers: { ...reply.answer.headers, ...headers } },
  };
}

function endingOf(reply: Reply, delivery: Delivery, outgoing: ServerResponse): CallEnding {
  const isLost = delivery === 'reset' || delivery === 'hang';
  const answer = isLost ? null : reply.answer;
  return {
    result: reply.result,
    httpStatus: answer?.status ?? null,
    code: answer?.code ?? null,
    sessionId: reply.sessionId,
    isDelivered: answer !== null && delivery === 'whole' && !outgoing.destroyed,
  };
}

function sourceOf(fields: Call['fields']): CalledSource {
  const textOf = (value: unknown) => (typeof value === 'string' ? value : null);
  return {
    videoUrl: textOf(fields?.video_url),
    videoId: textOf(fields?.video_id),
    taskId: textOf(fields?.task_id),
  };
}
