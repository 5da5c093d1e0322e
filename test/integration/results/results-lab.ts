import type { Position } from '../../../src/lib/core/feed/position.ts';
import type { Outcome } from '../../../src/lib/core/row/outcome.ts';
import { statusOf } from '../../../src/lib/report/read-entries.ts';
import {
  type Result,
  type ResultsQuery,
  readResults,
} from '../../../src/lib/results/read-results.ts';
import type { SteeringBench } from '../store/steering-bench.ts';

/** The state of a reader of the feed: the latest result of each row. */
export class Reader {
  readonly #bench: SteeringBench;
  readonly #query: Pick<ResultsQuery, 'batch' | 'limit'>;
  readonly rows = new Map<string, Result>();
  /** The results that came because a session has expired. */
  readonly expired: Result[] = [];
  /** How often a row was received in total. */
  given = 0;
  position: Position;

  constructor(bench: SteeringBench, query: Partial<ResultsQuery> = {}) {
    this.#bench = bench;
    this.#query = { batch: null, limit: 500, ...query };
    this.position = query.from ?? { event: 1, row: 0 };
  }

  /** Reads to the end. */
  async catchUp(): Promise<this> {
    for (let isAtEnd = false; !isAtEnd; ) isAtEnd = await this.readPage();
    return this;
  }

  /** True at the end of the feed. */
  async readPage(): Promise<boolean> {
    const page = await readResults(this.#bench, { ...this.#query, from: this.position });
    this.expired.push(...page.results.filter(({ isExpired }) => isExpired));
    for (const result of page.results) {
      this.rows.set(`${result.batch.id}:${result.entry.row.row}`, result);
    }
    this.given += page.results.length;
    this.position = page.next;
    return page.isAtEnd;
  }

  /** Row → state, of one batch. */
  statuses(id = 'batch-1'): Record<number, string> {
    const own = [...this.rows.values()].filter(({ batch }) => batch.id === id);
    return Object.fromEntries(own.map(({ entry }) => [entry.row.row, statusOf(entry.result)]));
  }

  /** Rows that have ended, as far as the reader knows. */
  ended(id: string): Map<number, Outcome> {
    const own = [...this.rows.values()].filter(({ batch }) => batch.id === id);
    const ended = own.flatMap(({ entry: { row, result } }) =>
      typeof result === 'string' ? [] : [[row.row, result] as const],
    );
    return new Map(ended.toSorted(([one], [other]) => one - other));
  }
}
