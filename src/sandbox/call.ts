import type { ServerResponse } from 'node:http';
import { type Answer, type Dialect, type Refusal, refusalAnswer } from './answers.ts';
import type { CallResult, Ledger } from './ledger.ts';
import type { Limits } from './limits.ts';
import type { DelayRange, Delivery } from './scenario/plan-action.ts';
import type { ScenarioPlayer } from './scenario/scenario-player.ts';

/** Shared by all calls. */
export interface CallContext {
  apiKey: string;
  latencyMs: DelayRange;
  /** Null: videos are not inspected. */
  ffprobePath: string | null;
  ledger: Ledger;
  limits: Limits;
  /** Null: no scenario. Replaced when another one is loaded. */
  player: ScenarioPlayer | null;
  now: () => number;
  /** Uniform in [0, 1). */
  random: () => number;
  /** Aborted when the server closes. */
  closing: AbortSignal;
}

/** A call as it arrives. */
export interface IncomingCall {
  dialect: Dialect;
  authorization: string | undefined;
  contentType: string | undefined;
  readBody: () => Promise<string>;
  outgoing: ServerResponse;
}

/** A call that has been read. */
export interface Call {
  /** From 1, in order of arrival. */
  number: number;
  dialect: Dialect;
  authorization: string | undefined;
  contentType: string | undefined;
  /** Null when the body was not a JSON object. */
  fields: Record<string, unknown> | null;
  requestId: string;
}

/** The result of a call. */
export interface Reply {
  /** Null: no answer. */
  answer: Answer | null;
  result: CallResult;
  sessionId: string | null;
  /** Takes precedence over the scenario's. */
  delivery?: Delivery;
}

export function refused(
  call: Call,
  refusal: Refusal,
  result: 'refused' | 'unauthorized' | 'throttled' = 'refused',
): Reply {
  return { answer: refusalAnswer(refusal, call.dialect, call.requestId), result, sessionId: null };
}
