import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countEnded, countPending } from '../../../src/lib/core/batch/batch.ts';
import type { Outcome } from '../../../src/lib/core/row/outcome.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../../../src/lib/core/row/row.ts';
import type { ReportEntry } from '../../../src/lib/report/report-formatter.ts';
import type { DispatchView, RowView } from '../../../src/lib/store/batch-store.ts';
import {
  draft,
  manifestRow,
  NOW_MS,
  outcome,
  progress,
  ref,
  SHAPE,
  sourceOf,
  viewOf,
} from '../../contract/batch-store/examples.ts';
import { Reader } from '../results/results-lab.ts';
import { HOUR_MS, keptFrom, opened, SteeringBench } from './steering-bench.ts';

const ROWS = 6;

/** Every session of these batches has expired by then. */
const EXPIRED_MS = Date.now() + 25 * HOUR_MS;

const ALL_ROWS = Array.from({ length: ROWS }, (_, index) => index + 1);

const row = fc.integer({ min: 1, max: ROWS });

/** Actions of dispatch, workers and people. Dispatch and workers use their latest view, which may be outdated. */
const anyStep = fc.oneof(
  fc.record({ kind: fc.constant('look' as const), row }),
  fc.record({
    kind: fc.constant('swap' as const),
    row,
    state: fc.constantFrom(...PENDING_STATES),
    isCalling: fc.boolean(),
    isHandedBack: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('record' as const),
    row,
    status: fc.constantFrom(...OUTCOME_STATUSES),
  }),
  fc.record({ kind: fc.constant('look_to_dispatch' as const), row }),
  fc.record({ kind: fc.constant('mark_dispatched' as const) }),
  fc.record({ kind: fc.constant('read' as const) }),
  fc.record({ kind: fc.constant('expire' as const) }),
  fc.record({ kind: fc.constant('cancel' as const) }),
  fc.record({ kind: fc.constant('uncancel' as const) }),
  fc.record({ kind: fc.constant('uncancel_chosen' as const), rows: fc.subarray(ALL_ROWS) }),
  fc.record({ kind: fc.constant('reopen' as const), statuses: fc.subarray([...OUTCOME_STATUSES]) }),
  fc.record({
    kind: fc.constant('change' as const),
    event: fc.constantFrom('pause' as const, 'resume' as const, 'reopen' as const),
  }),
);

type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never;

class Actors {
  readonly #bench: SteeringBench;
  readonly #id: string;
  readonly #looks = new Map<number, RowView>();
  #dispatch: { view: DispatchView; rows: number[]; lastRow: number } | null = null;
  #writes = 0;

  constructor(bench: SteeringBench, id: string) {
    this.#bench = bench;
    this.#id = id;
  }

  async do(step: Exclude<Step, { kind: 'read' }>): Promise<unknown> {
    const id = this.#id;
    const { store, steering, feed } = this.#bench;
    switch (step.kind) {
      case 'look':
        return this.#looks.set(step.row, await viewOf(store, id, step.row));
      case 'swap':
        return await this.#swap(step);
      case 'record': {
        this.#writes += 1;
        const isOpened = step.status === 'succeeded';
        const end = isOpened ? opened(`${this.#writes}`) : outcome({ status: step.status });
        return await store.recordOutcome(
          ref(id),
          step.row,
          this.#versionOf(step.row),
          end,
          sourceOf(step.row),
        );
      }
      case 'look_to_dispatch':
        return await this.#lookToDispatch(step.row);
      case 'mark_dispatched':
        return await this.#markDispatched();
      case 'expire':
        return await feed.announceExpired(EXPIRED_MS);
      case 'cancel':
        return await steering.cancel(ref(id), null, NOW_MS);
      case 'uncancel':
        return await steering.uncancelRows(ref(id));
      case 'uncancel_chosen':
        return await steering.uncancelChosen(ref(id), 0, step.rows);
      case 'reopen': {
        const outcomes = await store.readOutcomes(id, 0);
        const wanted = [...outcomes].filter(([, { status }]) => step.statuses.includes(status));
        return await steering.reopenRows(ref(id), 0, new Map(wanted));
      }
      case 'change':
        return await store.changeState(ref(id), step.event, null, NOW_MS);
    }
  }

  async #swap(step: Step & { kind: 'swap' }): Promise<void> {
    this.#writes += 1;
    const state = step.isHandedBack ? 'waiting' : step.state;
    const next = { ...progress(state, `write-${this.#writes}`), isCalling: step.isCalling };
    const { isHandedBack } = step;
    await this.#bench.store.swapProgress(ref(this.#id), step.row, this.#versionOf(step.row), next, {
      isHandedBack,
    });
  }

  async #lookToDispatch(lastRow: number): Promise<void> {
    const view = await this.#bench.store.readDispatch(this.#id);
    if (view === null || view.cursor > lastRow) return;
    const seen = Array.from({ length: lastRow - view.cursor + 1 }, (_, i) => view.cursor + i);
    const rows = await this.#bench.store.findUntouched(this.#id, seen);
    this.#dispatch = { view, rows, lastRow };
  }

  async #markDispatched(): Promise<void> {
    if (this.#dispatch === null) return;
    const { view, rows, lastRow } = this.#dispatch;
    const noted = rows.map((one) => ({ row: one, state: 'probing' as const }));
    await this.#bench.store.markDispatched(ref(this.#id), noted, lastRow, view.reopenings);
    this.#dispatch = null;
  }

  #versionOf(number: number): string {
    return this.#looks.get(number)?.version ?? '';
  }
}

const sessionOf = (result: ReportEntry['result']): string | null =>
  typeof result === 'string' ? null : (result.session?.id ?? null);

/** Rows that have ended, by the report. */
async function endedRows(bench: SteeringBench, id: string): Promise<Map<number, Outcome>> {
  const entries = await bench.entries(id);
  return new Map(
    entries.flatMap(({ row, result }) => (typeof result === 'string' ? [] : [[row.row, result]])),
  );
}

it('whatever dispatch, workers and people do in whatever order, counters, marks and feed are right and no row is lost', async () => {
  const bench = new SteeringBench();
  const { store } = bench;
  let batches = 0;
  const any = [fc.array(anyStep, { maxLength: 40 }), fc.subarray(ALL_ROWS)] as const;
  const property = fc.asyncProperty(...any, async (steps, kept) => {
    batches += 1;
    const id = `batch-${batches}`;
    await store.openBatch(draft({ id, identity: id }), NOW_MS);
    const rows = Array.from({ length: ROWS }, (_, i) => manifestRow(i + 1));
    const { latest } = await bench.feed.readEvents(1, 1);
    const outcomes = new Map(kept.map((one) => [one, keptFrom('night', one)]));
    await store.appendChunk(ref(id), { index: 0, rows, outcomes, sharedUrls: [] });
    await store.finishImport(ref(id), SHAPE, NOW_MS);
    const actors = new Actors(bench, id);
    const reader = new Reader(bench, { limit: 2, from: { event: latest + 1, row: 0 } });
    const readToEnd = async (): Promise<void> => {
      await reader.catchUp();
      expect(reader.ended(id)).toEqual(await endedRows(bench, id));
    };
    for (const step of steps) {
      await (step.kind === 'read' ? readToEnd() : actors.do(step));
      const { counts } = await bench.batch(id);
      expect(Math.min(...Object.values(counts))).toBeGreaterThanOrEqual(0);
      expect(countPending(counts) + countEnded(counts)).toBe(ROWS);
      expect(await bench.problems(id)).toEqual([]);
      expect(await bench.rowIndex.readMarks(id, 1, ROWS)).toEqual(await bench.rightMarks(id));
    }
    await actors.do({ kind: 'expire' });
    await readToEnd();
    // A reader of all changes has been told of the end of each session that a row has.
    const expired = new Set(reader.expired.map(({ entry }) => sessionOf(entry.result)));
    const held = [...(await endedRows(bench, id)).values()].map(sessionOf);
    expect(held.filter((session) => session !== null && !expired.has(session))).toEqual([]);
  });
  await fc.assert(property, { numRuns: 300 });
});
