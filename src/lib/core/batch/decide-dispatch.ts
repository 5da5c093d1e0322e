/** One batch's claim on the work, as its dispatch last reported it. */
export interface Share {
  batchId: string;
  /** 1 to 100. */
  priority: number;
  /** Its rows that ended per second, measured over at least a second. */
  endedPerSecond: number;
  /**
   * Rows handed over since the claim began, divided by priority: equal for all batches when the work is shared
   * correctly.
   */
  served: number;
}

/** The input of a decision about one batch. */
export interface DispatchFacts {
  batchId: string;
  /** Rows of this batch between dispatch and outcome. */
  underWay: number;
  /** How many of these wait for a server; an estimate that may be too large. */
  aside: number;
  /** Returned rows. If queued again, they count as under way only once a stage begins them. */
  handedBack: number;
  /** Most rows that may be handed over, whatever room the window has; 0 when none is left. */
  atMost: number;
  /** Calls that may run at once now. */
  apiConcurrency: number;
  /** All batches that have rows to hand over, including this one if it has. */
  shares: readonly Share[];
}

export interface DispatchDecision {
  /** Rows to hand over now. */
  take: number;
  /** When to look again. */
  nextLookMs: number;
}

/** Seconds of queued work, so that the API's slots never wait for dispatch. */
const WINDOW_S = 5;
/** Seconds of work that one look hands over, so that the batch that looks first does not fill the queues. */
const STEP_S = 1;
const CALLS_AHEAD = 4;
/**
 * Rows of a batch that may wait for slow servers without counting against its window. Further ones count: if nearly
 * every video is unreachable, not all rows of a batch may be under way.
 */
const MOST_ASIDE = 1_000;
/** Rows that a batch may always have under way, however small its share. */
const SMALLEST_WINDOW = 2;
/** Time until the next look if the window was nearly empty, if a good part of it was used, and otherwise. */
const LOOK_MS = { drained: 100, draining: 250, quiet: 1_000 } as const;

/**
 * How many rows a batch may hand over. All batches together keep about 5 s of work queued, never less than four times
 * the API's concurrency, and each batch has its share of that by priority. The queues are first come, first served,
 * so its share of the queued rows is its share of the work. The window is small so that twenty urgent rows can
 * overtake a million others. Rows that wait for a server do not count as queued work: otherwise a hundred dead
 * addresses would fill the window, and nothing else would move until they time out.
 */
export function decideDispatch(facts: DispatchFacts): DispatchDecision {
  const { batchId, atMost, apiConcurrency, shares } = facts;
  const busy = facts.underWay - Math.min(facts.underWay, facts.aside, MOST_ASIDE);
  const endedPerSecond = sum(shares.map((share) => share.endedPerSecond));
  const own = shares.find((share) => share.batchId === batchId);
  const part = own === undefined ? 1 : own.priority / sum(shares.map(({ priority }) => priority));
  const rowsFor = (seconds: number): number => {
    const ofAll = Math.max(CALLS_AHEAD * apiConcurrency, seconds * endedPerSecond);
    return Math.max(SMALLEST_WINDOW, Math.ceil(ofAll * part));
  };
  const usual = rowsFor(WINDOW_S);
  const window = Math.max(SMALLEST_WINDOW, Math.round(usual - leadOf(own, shares, usual)));
  const take = Math.max(0, Math.min(atMost, rowsFor(STEP_S), window - busy));
  return { take, nextLookMs: LOOK_MS[tideOf(facts, busy, window, take)] };
}

/**
 * How many rows a batch is ahead of its share; negative when it is behind. Its window shrinks by this many, because
 * windows alone do not correct what the first look got by chance. At most half a window, so that a batch that could
 * not move for an hour does not get all the work afterwards.
 */
function leadOf(own: Share | undefined, shares: readonly Share[], window: number): number {
  if (own === undefined) return 0;
  const fair = sum(shares.map(({ served }) => served)) / shares.length;
  const most = window / 2;
  return Math.max(-most, Math.min(most, (own.served - fair) * own.priority));
}

/**
 * A window of 5 s of work is checked once a second. While the pace is unknown, the window holds only a few rows,
 * which a fast API finishes at once.
 */
function tideOf(
  { handedBack, shares }: DispatchFacts,
  busy: number,
  window: number,
  take: number,
): keyof typeof LOOK_MS {
  // Returned rows may be waiting for a closed gate; frequent looks would only queue them again and again.
  if (take === 0 || handedBack > 0) return 'quiet';
  if (busy < window / 4) return 'drained';
  const isPaceUnknown = shares.every(({ endedPerSecond }) => endedPerSecond === 0);
  return isPaceUnknown || busy < window * (3 / 4) ? 'draining' : 'quiet';
}

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);
