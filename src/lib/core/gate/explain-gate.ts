import { describeKlingCode } from '../answer/kling-codes.ts';
import { formatSessions, formatSpan } from '../in-words.ts';
import { isClosedForDay } from './day-limit.ts';
import { recentClosings } from './decide-gate.ts';
import type { Gate } from './gate.ts';

/** `14:32:10` in the machine's time zone, where the sentence is read. */
export const clockTime = (atMs: number): string => new Date(atMs).toTimeString().slice(0, 8);

const ORDINALS = ['', 'first', 'second', 'third', 'fourth', 'fifth', 'sixth'];
const SUFFIXES = { one: 'st', two: 'nd', few: 'rd', other: 'th', many: 'th', zero: 'th' };
const ordinalRules = new Intl.PluralRules('en', { type: 'ordinal' });

/** `third`, `22nd`. */
const ordinal = (n: number): string => ORDINALS[n] ?? `${n}${SUFFIXES[ordinalRules.select(n)]}`;

/** Why no call starts now and when that ends, in one sentence; null when the gate is open. */
export function explainGate(gate: Gate, nowMs: number): string | null {
  switch (gate.mode) {
    case 'open':
      return null;
    case 'closed':
      return explainClosed(gate, nowMs);
    case 'blocked':
      return explainBlocked(gate, nowMs);
  }
}

function explainClosed(gate: Gate, nowMs: number): string | null {
  const untilMs = gate.untilMs ?? nowMs;
  if (untilMs <= nowMs && !gate.needsTrialCall) return null;
  if (untilMs > nowMs && isClosedForDay(gate)) return explainDayLimit(gate, untilMs, nowMs);
  const times = recentClosings(gate, nowMs).length;
  const often = times > 1 ? ` (${ordinal(times)} time this hour)` : '';
  if (untilMs <= nowMs) return `One call is trying whether the API takes calls again${often}.`;
  const who =
    gate.cause?.kind === 'throttled'
      ? 'The API asked to wait'
      : `The API answers with errors (${reason(gate)}); waiting`;
  return `${who} until ${clockTime(untilMs)}${often}.`;
}

/** The cause's message is the limit. The day may end in another time zone than the reader's, and tomorrow. */
function explainDayLimit({ cause }: Gate, untilMs: number, nowMs: number): string {
  const limit = Number(cause?.message);
  return `The ${formatSessions(limit)} of this day (SESSIONS_PER_DAY) ${limit === 1 ? 'is' : 'are'} used; calls continue at ${clockTime(untilMs)}, in ${formatSpan(untilMs - nowMs)}. \`kling-sessions gate set --sessions-per-day <n>\` allows more at once.`;
}

function explainBlocked(gate: Gate, nowMs: number): string {
  const since = `Blocked since ${clockTime(gate.sinceMs).slice(0, 5)}: ${reason(gate)}.`;
  const untilMs = gate.untilMs ?? nowMs;
  if (untilMs <= nowMs) return `${since} One call is trying now.`;
  return `${since} Next try ${clockTime(untilMs)}; \`kling-sessions gate open\` tries now.`;
}

/** `the resource pack is used up or expired (1102)`. */
function reason(gate: Gate): string {
  if (gate.cause === null) return 'no reason was recorded';
  const { kind, code, message } = gate.cause;
  const words = describeKlingCode(code) ?? message;
  const needsAdvice = kind === 'misconfigured' && !words.includes('API_BASE_URL');
  const advice = needsAdvice ? '; check API_BASE_URL, and whether the model is available' : '';
  return `${words} (${code})${advice}`;
}
