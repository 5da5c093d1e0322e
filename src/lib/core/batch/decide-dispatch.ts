/** One batch's claim on the work, as its dispatch said last. */
export interface Share {
  batchId: string;
  /** 1 to 100. */
  priority: number;
  /** Rows of it that ended per second, measured over a second at least. */
  endedPerSecond: number;
  /** Rows handed over since it began to claim, by its priority: equal for all when the work is shared as it should be. */
  served: number;
}

/** What dispatch knows when it looks at a batch. */
export interface DispatchFacts {
  batchId: string;
  /** Rows of this batch between dispatch and outcome. */
  underWay: number;
  /** Of these, rows that wait for a server: as an estimate, it may also be larger. */
  aside: number;
  /** Returned rows. Queued again, they do not count as under way before a stage begins them. */
  handedBack: number;
  /** So many rows may be handed over whatever the window has room for: 0 when none is left. */
  atMost: number;
  /** Calls that may run at once now. */
  apiConcurrency: number;
  /** Of all batches that have rows to hand over, this one included if it has. */
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
/** Seconds of work that one look hands over: a batch that looks first must not fill the queues for all. */
const STEP_S = 1;
const CALLS_AHEAD = 4;
/**
 * So many rows of a batch may wait for slow servers without counting into its window. More do count: where nearly every
 * video is unreachable, a batch must not have all its rows under way.
 */
const MOST_ASIDE = 1_000;
/** So many rows a batch may always have under way, however small its share. */
const SMALLEST_WINDOW = 2;
/** After finding the window nearly empty, a good part of it gone, and otherwise. */
const LOOK_MS = { drained: 100, draining: 250, quiet: 1_000 } as const;

/**
 * How many rows a batch may hand over. All batches together keep about 5 s of work ready, never less than four
 * times the API's concurrency, and each has its share of it by priority. As the queues are first come, first
 * served, its share of the rows ready is its share of the work, and a small window is what lets twenty urgent
 * rows pass a million patient ones. Rows that wait for a server are no work that lies ready: a hundred dead
 * addresses would fill the window, and nothing else would move until they have timed out.
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
 * Rows that a batch is ahead of its share, or behind it when negative. Its window is smaller by so many: windows alone
 * leave what chance has given to the first to look. Never more than half a window, so that a batch that could not
 * move for an hour does not have all the work afterwards.
 */
function leadOf(own: Share | undefined, shares: readonly Share[], window: number): number {
  if (own === undefined) return 0;
  const fair = sum(shares.map(({ served }) => served)) / shares.length;
  const most = window / 2;
  return Math.max(-most, Math.min(most, (own.served - fair) * own.priority));
}

/**
 * A window of 5 s of work is looked at once a second. But as long as the pace of the work is unknown, it is
 * a few rows only, which a quick API is through with at once.
 */
function tideOf(
  { handedBack, shares }: DispatchFacts,
  busy: number,
  window: number,
  take: number,
): keyof typeof LOOK_MS {
  // Returned rows may stand before a shut gate: looking often would only queue them again and again.
  if (take === 0 || handedBack > 0) return 'quiet';
  if (busy < window / 4) return 'drained';
  const isPaceUnknown = shares.every(({ endedPerSecond }) => endedPerSecond === 0);
  return isPaceUnknown || busy < window * (3 / 4) ? 'draining' : 'quiet';
}

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);
