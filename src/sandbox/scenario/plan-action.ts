import { type Answer, klingErrorAnswer } from '../answers.ts';
import type { ScenarioRule } from './scenario.ts';

/** How an answer is delivered: complete, cut in half, as garbage, as a reset, or never. */
export type Delivery = 'whole' | 'half' | 'garbage' | 'reset' | 'hang';

export interface DelayRange {
  min: number;
  max: number;
}

/** What happens to one call. */
export interface Action {
  /** `genuine`: the API's answer; `scripted`: the scenario's; `none`: the call is lost before processing. */
  answer: { kind: 'genuine' } | { kind: 'scripted'; answer: Answer } | { kind: 'none' };
  delivery: Delivery;
  /** Added to the answer; names in lower case. */
  headers: Record<string, string>;
  /** Replaces the usual latency; null keeps it. */
  delayMs: DelayRange | null;
}

const GENUINE: Action = {
  answer: { kind: 'genuine' },
  delivery: 'whole',
  headers: {},
  delayMs: null,
};

/** Turns a rule's `do` into an action; `null` means that no rule applies. */
export function planAction(wish: ScenarioRule['do'] | null, requestId: string): Action {
  if (wish === null) return GENUINE;
  return {
    answer: planAnswer(wish, requestId),
    delivery: planDelivery(wish),
    headers: lowerCaseNames(wish.headers),
    delayMs: wish.delayMs ?? null,
  };
}

function planAnswer(wish: ScenarioRule['do'], requestId: string): Action['answer'] {
  if (wish.reset === 'before' || wish.hang === 'before') return { kind: 'none' };
  if (wish.code !== undefined) {
    const override = wish.status === undefined ? {} : { status: wish.status };
    return { kind: 'scripted', answer: klingErrorAnswer(wish.code, requestId, override) };
  }
  if (wish.status === undefined) return { kind: 'genuine' };
  return { kind: 'scripted', answer: scriptedAnswer(wish.status, wish.body) };
}

function planDelivery(wish: ScenarioRule['do']): Delivery {
  if (wish.reset !== undefined) return 'reset';
  if (wish.hang !== undefined) return 'hang';
  if (wish.half) return 'half';
  return wish.garbage ? 'garbage' : 'whole';
}

function scriptedAnswer(status: number, body: unknown): Answer {
  const isText = typeof body === 'string';
  const contentType = isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8';
  return {
    status,
    headers: body === undefined ? {} : { 'content-type': contentType },
    body: isText ? body : (JSON.stringify(body) ?? ''),
    code: codeInside(body),
  };
}

/** The code in `{code}` or `{error: {code}}`, for the ledger. */
function codeInside(body: unknown): string | null {
  if (typeof body !== 'object' || body === null) return null;
  const { code, error } = body as { code?: unknown; error?: unknown };
  if (typeof code === 'string' || typeof code === 'number') return String(code);
  return error === undefined ? null : codeInside(error);
}

function lowerCaseNames(headers: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
