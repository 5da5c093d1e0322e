import { SlidingSecond } from './sliding-second.ts';

/** The result of a call: what the caller would know if the answer reached it. */
export type CallResult =
  /** A session was opened. */
  | 'opened'
  /** The request or its video breaks a rule. */
  | 'refused'
  /** Missing or wrong key. */
  | 'unauthorized'
  /** Above the concurrency or the rate limit. */
  | 'throttled'
  /** The scenario answered instead of the API. */
  | 'scripted'
  /** No answer: the scenario lost the call before processing, or the server was closed. */
  | 'none';

/** The three fields of the request, unchanged; null if a field was missing or not a string. */
export interface CalledSource {
  videoUrl: string | null;
  videoId: string | null;
  taskId: string | null;
}

/** One call of the API. Times are milliseconds since 1970. */
export interface CallRecord {
  /** From 1, in order of arrival. */
  call: number;
  arrivedAtMs: number;
  /** When the answer was about to be sent or the connection cut; null while the call is in flight. */
  endedAtMs: number | null;
  /** Calls in flight when this one arrived, including itself. */
  inFlightAtArrival: number;
  /** Null until the request's body was read. */
  source: CalledSource | null;
  result: CallResult;
  /** Null when no answer was sent. */
  httpStatus: number | null;
  /** The code in the answer's body, as text. */
  code: string | null;
  /** Also set when the answer was then lost: such a session is an orphan. */
  sessionId: string | null;
  /** False when the answer was cut, corrupted or lost, or the caller had disconnected. */
  isDelivered: boolean;
  /** The scenario's rule that applied, by its name or as `rule 3`. */
  rule: string | null;
}

/** Everything that the server received. `calls` holds at most the last 200,000; the numbers count all. */
export interface LedgerSnapshot {
  calls: CallRecord[];
  totalCalls: number;
  inFlight: number;
  maxInFlight: number;
  /** The most arrivals within any sliding second. */
  maxPerSecond: number;
  sessionsOpened: number;
  /** Sessions whose id did not reach a caller. */
  orphanSessions: number;
}

const MAX_KEPT_CALLS = 200_000;

export type CallEnding = Pick<
  CallRecord,
  'result' | 'httpStatus' | 'code' | 'sessionId' | 'isDelivered'
>;

export class Ledger {
  readonly #arrivals = new SlidingSecond();
  #calls: CallRecord[] = [];
  #totals = {
    totalCalls: 0,
    inFlight: 0,
    maxInFlight: 0,
    maxPerSecond: 0,
    sessionsOpened: 0,
    orphanSessions: 0,
  };

  arrive(nowMs: number): CallRecord {
    const totals = this.#totals;
    totals.totalCalls += 1;
    totals.inFlight += 1;
    totals.maxInFlight = Math.max(totals.maxInFlight, totals.inFlight);
    this.#arrivals.add(nowMs);
    totals.maxPerSecond = Math.max(totals.maxPerSecond, this.#arrivals.count(nowMs));
    const record: CallRecord = {
      call: totals.totalCalls,
      arrivedAtMs: nowMs,
      endedAtMs: null,
      inFlightAtArrival: totals.inFlight,
      source: null,
      result: 'none',
      httpStatus: null,
      code: null,
      sessionId: null,
      isDelivered: false,
      rule: null,
    };
    this.#keep(record);
    return record;
  }

  /** Called once per call, before its answer is sent: the caller's next call must not overlap this one. */
  end(record: CallRecord, nowMs: number, ending: CallEnding): void {
    Object.assign(record, ending, { endedAtMs: nowMs });
    this.#totals.inFlight -= 1;
    if (ending.sessionId === null) return;
    this.#totals.sessionsOpened += 1;
    if (!ending.isDelivered) this.#totals.orphanSessions += 1;
  }

  /** With `after`, only calls with a higher number. */
  snapshot(after = 0): LedgerSnapshot {
    const calls = this.#calls.filter((record) => record.call > after).slice(-MAX_KEPT_CALLS);
    return { ...this.#totals, calls: calls.map((record) => ({ ...record })) };
  }

  /** When the session with that id was opened; null when it never was, or when that was too long ago. */
  openedAtMs(sessionId: string): number | null {
    return this.#calls.find((record) => record.sessionId === sessionId)?.endedAtMs ?? null;
  }

  /** Drops old records in bulk, so that the cost per call stays constant. */
  #keep(record: CallRecord): void {
    this.#calls.push(record);
    if (this.#calls.length >= 2 * MAX_KEPT_CALLS) this.#calls = this.#calls.slice(-MAX_KEPT_CALLS);
  }
}
