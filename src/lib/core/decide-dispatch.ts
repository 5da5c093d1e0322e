/** What dispatch knows when it looks at a batch. */
export interface DispatchFacts {
  /** Rows of this batch between dispatch and outcome. */
  underWay: number;
  /** Calls that may run at once now. */
  apiConcurrency: number;
  /** Rows of this batch that ended per second since the last look; 0 at the first. */
  endedPerSecond: number;
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
const SHORTEST_LOOK_MS = 100;
const LONGEST_LOOK_MS = 1_000;

/**
 * How many rows a batch may hand over: about 5 s of its work, never less than four times the API's
 * concurrency. A small window is what lets twenty urgent rows pass a million patient ones.
 */
export function decideDispatch(facts: DispatchFacts): DispatchDecision {
  const window = Math.ceil(
    Math.max(CALLS_AHEAD * facts.apiConcurrency, WINDOW_S * facts.endedPerSecond),
  );
  const take = Math.max(0, window - facts.underWay);
  const isIdle = take === 0 && facts.endedPerSecond === 0;
  return { take, nextLookMs: isIdle ? LONGEST_LOOK_MS : lookAgain(window, facts.endedPerSecond) };
}

/** Looks again when about a quarter of the window will have ended. */
function lookAgain(window: number, endedPerSecond: number): number {
  const quarterMs = endedPerSecond === 0 ? 0 : (window / 4 / endedPerSecond) * 1_000;
  return Math.min(LONGEST_LOOK_MS, Math.max(SHORTEST_LOOK_MS, quarterMs));
}
