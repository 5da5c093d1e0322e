/** One batch's claim on the work, as its dispatch said last. */
export interface Share {
  batchId: string;
  /** 1 to 100. */
  priority: number;
  /** Rows of it that ended per second since the look before. */
  endedPerSecond: number;
}

/** What dispatch knows when it looks at a batch. */
export interface DispatchFacts {
  batchId: string;
  /** Rows of this batch between dispatch and outcome. */
  underWay: number;
  /** Calls that may run at once now. */
  apiConcurrency: number;
  /** Of all batches that have rows to hand over, this one included. */
  shares: readonly Share[];
}

export interface DispatchDecision {
  /** Rows to hand over now. */
  take: number;
  /** When to look again. */
  nextLookMs: number;
}

/** Seconds of work that lie ready, so that the API's slots never wait for dispatch. */
const WINDOW_S = 5;
const CALLS_AHEAD = 4;
/** So many rows a batch may always have under way, however small its share. */
const SMALLEST_WINDOW = 2;
const SHORTEST_LOOK_MS = 100;
const LONGEST_LOOK_MS = 1_000;

/**
 * How many rows a batch may hand over. All batches together keep about 5 s of work ready, never less than four
 * times the API's concurrency, and each has its share of it by priority. As the queues are first come, first
 * served, its share of the rows ready is its share of the work, and a small window is what lets twenty urgent
 * rows pass a million patient ones.
 */
export function decideDispatch(facts: DispatchFacts): DispatchDecision {
  const { batchId, underWay, apiConcurrency, shares } = facts;
  const endedPerSecond = sum(shares.map((share) => share.endedPerSecond));
  const ready = Math.max(CALLS_AHEAD * apiConcurrency, WINDOW_S * endedPerSecond);
  const own = shares.find((share) => share.batchId === batchId);
  const part = own === undefined ? 1 : own.priority / sum(shares.map(({ priority }) => priority));
  const window = Math.max(SMALLEST_WINDOW, Math.ceil(ready * part));
  const take = Math.max(0, window - underWay);
  const isIdle = take === 0 && endedPerSecond === 0;
  return { take, nextLookMs: isIdle ? LONGEST_LOOK_MS : lookAgain(ready, endedPerSecond) };
}

/** Looks again when about a quarter of what is ready will have ended. */
function lookAgain(ready: number, endedPerSecond: number): number {
  const quarterMs = endedPerSecond === 0 ? 0 : (ready / 4 / endedPerSecond) * 1_000;
  return Math.min(LONGEST_LOOK_MS, Math.max(SHORTEST_LOOK_MS, quarterMs));
}

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);
