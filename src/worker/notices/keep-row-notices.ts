import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { formatPosition, type Position } from '../../lib/core/feed/position.ts';
import type { NoticeTarget } from '../../lib/core/notice/notice-target.ts';
import { isNotified, type NotifiedRows } from '../../lib/core/notice/notified-rows.ts';
import { hostOf } from '../../lib/network/allow-hosts.ts';
import type { NoticeSender } from '../../lib/notice/notice-sender.ts';
import { composeRows, ROWS_AT_ONCE } from '../../lib/notice/rows/compose-rows.ts';
import type { RowNoticeStore, RowsPlace } from '../../lib/notice/rows/row-notice-store.ts';
import { statusOf } from '../../lib/report/read-entries.ts';
import { type Result, type ResultsContext, readResults } from '../../lib/results/read-results.ts';
import { every } from '../upkeep/every.ts';

export interface RowNoticeContext extends ResultsContext {
  /** Which rows. */
  which: NotifiedRows;
  target: NoticeTarget;
  sender: NoticeSender;
  places: RowNoticeStore;
  now: () => number;
  log: Logger;
}

/** Disposing ends a request under way; the next worker repeats it. */
export interface RowNotices extends Disposable {
  /** Sends what has changed so far, if this worker may. */
  look(): Promise<void>;
}

const LOOK_MS = 5_000;
const PAGES_AT_ONCE = 20;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 600_000;

/**
 * Sends rows to a webhook as they change, in the order of the feed, one request at a time, by one worker at a time.
 * The position in the feed is stored when the receiver has confirmed a group, so a killed worker repeats at most that
 * group. Nothing piles up while the receiver is away, because the feed and the batches have everything.
 */
export function keepRowNotices(context: RowNoticeContext): RowNotices {
  const notifier = new RowNotifier(context);
  const repeated = every(LOOK_MS, () => notifier.look(), {
    onError: (error) => context.log.error({ err: error }, 'rows not sent'),
  });
  return {
    look: () => notifier.look(),
    [Symbol.dispose]: () => {
      repeated[Symbol.dispose]();
      notifier.stop();
    },
  };
}

/** Rows that are sent together, and where the next ones begin. */
interface Group {
  rows: Result[];
  next: Position;
  isAtEnd: boolean;
}

/** A group that the receiver has not confirmed: every try sends the same bytes. */
interface Unconfirmed {
  from: string;
  id: string;
  body: string;
  group: Group;
}

class RowNotifier {
  readonly #context: RowNoticeContext;
  readonly #me = randomUUID();
  readonly #stopping = new AbortController();
  #unconfirmed: Unconfirmed | null = null;
  #failures = 0;
  #againAtMs = Number.NEGATIVE_INFINITY;
  #isLooking = false;

  constructor(context: RowNoticeContext) {
    this.#context = context;
  }

  async look(): Promise<void> {
    if (this.#isLooking || this.#stopping.signal.aborted) return;
    this.#isLooking = true;
    try {
      await this.#send();
    } finally {
      this.#isLooking = false;
    }
  }

  stop(): void {
    this.#stopping.abort();
    this.#context.places.release(this.#me).catch(() => undefined);
  }

  async #send(): Promise<void> {
    const { places, now } = this.#context;
    if (now() < this.#againAtMs || !(await places.hold(this.#me))) return;
    let { feedId, position } = await this.#findPlace();
    for (let isAtEnd = false; !isAtEnd && !this.#stopping.signal.aborted; ) {
      const group = await this.#next(feedId, position);
      if (group === null || !(await places.hold(this.#me))) return;
      ({ next: position, isAtEnd } = group);
      await places.write({ feedId, position });
    }
  }

  /** Where this receiver continues; a new receiver gets changes from now on. */
  async #findPlace(): Promise<RowsPlace> {
    const { places, feed, log } = this.#context;
    const [known, feedId, latest] = await Promise.all([
      places.read(),
      feed.readId(),
      feed.readLatest(),
    ]);
    const isKnown = known?.feedId === feedId && known.position.event <= latest + 1;
    if (isKnown) return known;
    if (known !== null) log.error({ from: latest + 1 }, 'rows continue in another feed');
    const place = { feedId, position: { event: latest + 1, row: 0 } };
    await places.write(place);
    return place;
  }

  /** The next group, once it is confirmed or has no row to send; null if it was not confirmed. */
  async #next(feedId: string, position: Position): Promise<Group | null> {
    const from = formatPosition(position);
    if (this.#unconfirmed?.from !== from) {
      this.#unconfirmed = null;
      const group = await this.#gather(position);
      if (group.rows.length === 0) return group;
      const nowMs = this.#context.now();
      this.#unconfirmed = { from, group, ...composeRows(group.rows, { feedId, nowMs }) };
    }
    return await this.#deliver(this.#unconfirmed);
  }

  async #gather(from: Position): Promise<Group> {
    const { which } = this.#context;
    const group: Group = { rows: [], next: from, isAtEnd: false };
    // A page without wanted rows is passed in one step, so that the position is still stored from time to time.
    for (let pages = 0; pages < PAGES_AT_ONCE && group.rows.length < ROWS_AT_ONCE; pages += 1) {
      const limit = ROWS_AT_ONCE - group.rows.length;
      const page = await readResults(this.#context, { from: group.next, limit, batch: null });
      group.rows.push(
        ...page.results.filter(({ entry }) => isNotified(which, statusOf(entry.result))),
      );
      group.next = page.next;
      group.isAtEnd = page.isAtEnd;
      if (page.isAtEnd) break;
    }
    return group;
  }

  async #deliver({ id, body, group }: Unconfirmed): Promise<Group | null> {
    const { sender, target, log, now } = this.#context;
    const { signal } = this.#stopping;
    const delivery = await sender.deliver({ id, target, body }, signal).catch((error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    });
    if (delivery === null) return null;
    // Log only the host: for some receivers the rest of the URL is a secret.
    const fields = { notice: id, host: hostOf(new URL(target.url)), rows: group.rows.length };
    if (delivery.kind === 'taken') {
      this.#unconfirmed = null;
      this.#failures = 0;
      log.debug(fields, 'rows sent');
      return group;
    }
    this.#failures += 1;
    // More may change before the next try.
    group.isAtEnd = false;
    const delayMs = Math.min(FIRST_PAUSE_MS * 2 ** (this.#failures - 1), LONGEST_PAUSE_MS);
    this.#againAtMs = now() + delayMs;
    log.warn({ ...fields, reason: delivery.reason, delayMs }, 'rows not taken, trying again');
    return null;
  }
}
