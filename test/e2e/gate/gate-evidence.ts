import type { Gate } from '../../../src/lib/core/gate/gate.ts';
import type { Outcome } from '../../../src/lib/core/row/outcome.ts';
import type { CallRecord } from '../../../src/sandbox/ledger.ts';
import { type GateSighting, videoIdOfRow } from './gate-lab.ts';

/** A call that passed the gate just before it closed has arrived by then, even on a busy machine. */
const LATEST_ARRIVAL_MS = 2_000;
/** How long an answer may be unread on a busy machine. */
const UNREAD_MS = 1_000;

/** A time when no call may start: from a closing, or a trial call's failure, until the next may try. */
export interface ShutPeriod {
  mode: Gate['mode'];
  fromMs: number;
  untilMs: number;
}

/** One period per closing; `gate open` may end it early. */
export function shutPeriods(sightings: readonly GateSighting[]): ShutPeriod[] {
  const byGeneration = new Map<number, ShutPeriod>();
  for (const { atMs, gate } of sightings) {
    const known = byGeneration.get(gate.generation);
    if (gate.mode === 'open') {
      if (known) known.untilMs = Math.min(known.untilMs, atMs);
      continue;
    }
    const untilMs = gate.untilMs ?? 0;
    if (known) known.untilMs = untilMs;
    else byGeneration.set(gate.generation, { mode: gate.mode, fromMs: atMs, untilMs });
  }
  return [...byGeneration.values()];
}

/**
 * Calls that arrived while the gate was closed, apart from those on their way when it closed: there can be as many of
 * these as slots whose call the practice API did not have at that moment.
 */
export const callsWhileShut = (
  calls: readonly CallRecord[],
  periods: ShutPeriod[],
  slots: number,
): CallRecord[] => periods.flatMap((period) => callsBeyondThoseInFlight(calls, period, slots));

function callsBeyondThoseInFlight(
  calls: readonly CallRecord[],
  { fromMs, untilMs }: ShutPeriod,
  slots: number,
): CallRecord[] {
  const inHand = calls.filter(
    ({ arrivedAtMs, endedAtMs }) => arrivedAtMs <= fromMs && (endedAtMs ?? fromMs) > fromMs,
  );
  const during = calls.filter(
    ({ arrivedAtMs }) => arrivedAtMs > fromMs && arrivedAtMs < untilMs - 1,
  );
  return during.filter(
    ({ arrivedAtMs }, index) =>
      index >= slots - inHand.length || arrivedAtMs > fromMs + LATEST_ARRIVAL_MS,
  );
}

/**
 * Answers that cost a row nothing, because they concern all rows: the API page's throttled, account and
 * misconfigured.
 */
const isFree = ({ httpStatus }: CallRecord): boolean =>
  httpStatus !== null && [302, 401, 402, 403, 404, 429].includes(httpStatus);

/**
 * Compares the ledger's facts about a row with its outcome. Returns a sentence for each contradiction in attempts, the
 * session, and sessions that no outcome mentions. A worker killed at `killedAtMs` may have received an answer up to a
 * second before without reading it. Such an answer is excused if the row counts its call as lost.
 */
export function contradictions(
  calls: readonly CallRecord[],
  outcomes: ReadonlyMap<number, Outcome>,
  killedAtMs = Number.POSITIVE_INFINITY,
): string[] {
  const diedUnread = ({ endedAtMs, sessionId }: CallRecord, { session }: Outcome): boolean =>
    endedAtMs !== null && Math.abs(endedAtMs - killedAtMs) < UNREAD_MS && sessionId !== session?.id;
  return [...outcomes].flatMap(([row, outcome]) => {
    const own = calls
      .filter(({ source }) => source?.videoId === videoIdOfRow(row))
      .map((call) => (diedUnread(call, outcome) ? { ...call, isDelivered: false } : call));
    return contradictionsOfRow(row, outcome, own);
  });
}

function contradictionsOfRow(row: number, outcome: Outcome, calls: CallRecord[]): string[] {
  const said: string[] = [];
  const spent = calls.filter((call) => !isFree(call)).length;
  if (outcome.attempts !== spent)
    said.push(`row ${row}: ${outcome.attempts} attempts, not ${spent}`);
  const learnt = calls.filter((call) => call.isDelivered && call.sessionId !== null);
  const sessionId = outcome.session?.id;
  if (learnt.length !== (sessionId === undefined ? 0 : 1) || learnt[0]?.sessionId !== sessionId) {
    said.push(`row ${row}: session ${sessionId}, not ${learnt.map((call) => call.sessionId)}`);
  }
  const orphans = calls.filter((call) => !call.isDelivered && call.sessionId !== null).length;
  if ((outcome.possibleOrphans ?? 0) < orphans) {
    said.push(`row ${row}: ${outcome.possibleOrphans} possible orphans, but ${orphans} exist`);
  }
  return said;
}

/** The most calls that came within any second. */
export function busiestSecond(calls: readonly CallRecord[]): number {
  const times = calls.map(({ arrivedAtMs }) => arrivedAtMs);
  let start = 0;
  let most = 0;
  times.forEach((atMs, index) => {
    while ((times[start] ?? atMs) <= atMs - 1_000) start += 1;
    most = Math.max(most, index - start + 1);
  });
  return most;
}
