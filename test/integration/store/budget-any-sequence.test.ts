import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RowView } from '../../../src/lib/store/batch-store.ts';
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
import { opened, SteeringBench } from './steering-bench.ts';

const ROWS = 5;
const row = fc.integer({ min: 1, max: ROWS });
const rarely = fc.integer({ min: 0, max: 3 }).map((n) => n === 0);

/** What workers and people do. A worker uses its latest view of a row, which may be outdated. */
const anyStep = fc.oneof(
  fc.record({ kind: fc.constant('look' as const), row }),
  fc.record({
    kind: fc.constant('begin' as const),
    row,
    perDay: fc.integer({ min: 0, max: 9 }),
    isStale: rarely,
  }),
  fc.record({ kind: fc.constant('return' as const), row, isFree: fc.boolean(), isStale: rarely }),
  fc.record({ kind: fc.constant('end' as const), row, isFree: fc.boolean(), isStale: rarely }),
  fc.record({ kind: fc.constant('pause' as const) }),
  fc.record({ kind: fc.constant('limit' as const), most: fc.integer({ min: 0, max: 6 }) }),
  fc.record({ kind: fc.constant('midnight' as const) }),
);
type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never;

/** Does the steps, and counts as a person with a pencil would. */
class Pencil {
  used = 0;
  today = 0;
  most: number | null = null;
  #day = 0;
  #writes = 0;
  readonly #looks = new Map<number, RowView>();
  /** Calls under way: the row's stored text, the end of the day that counts it, and the day. */
  readonly #calls = new Map<number, { dayEndMs: number; day: number }>();
  readonly #bench: SteeringBench;
  readonly #id: string;
  readonly #firstEndMs = Date.now() + 12 * 3_600_000;

  constructor(bench: SteeringBench, id: string) {
    this.#bench = bench;
    this.#id = id;
  }

  async do(step: Step): Promise<void> {
    const { store, steering, redis, keys } = this.#bench;
    if ('isStale' in step && !step.isStale) {
      this.#looks.set(step.row, await viewOf(store, this.#id, step.row));
    }
    switch (step.kind) {
      case 'look':
        this.#looks.set(step.row, await viewOf(store, this.#id, step.row));
        return;
      case 'begin':
        return await this.#begin(step.row, step.perDay);
      case 'return':
      case 'end':
        return await this.#finish(step);
      case 'pause':
        await steering.pauseAtLimit(ref(this.#id), 'used up', NOW_MS);
        return;
      case 'limit':
        this.most = step.most || null;
        await steering.setMaxSessions(ref(this.#id), this.most);
        return;
      case 'midnight':
        await redis.hset(keys.sessionsToday, 'endsMs', Date.now() - 1);
        this.#day += 1;
        this.today = 0;
        return;
    }
  }

  async #begin(number: number, perDay: number): Promise<void> {
    const { version = '' } = this.#looks.get(number) ?? {};
    this.#writes += 1;
    const next = { ...progress('opening', `write-${this.#writes}`), isCalling: true };
    const endMs = this.#firstEndMs + this.#day;
    const budget = { perDay, dayEnds: [endMs, endMs + 1] as const };
    const { store } = this.#bench;
    const swap = await store.swapProgress(ref(this.#id), number, version, next, {
      beginsCall: budget,
    });
    if (swap.kind === 'no_session_left') expect(this.used).toBeGreaterThanOrEqual(this.most ?? 0);
    if (swap.kind === 'no_session_today') expect(this.today).toBeGreaterThanOrEqual(perDay);
    if (swap.kind !== 'begun') return;
    expect(this.used).toBeLessThan(this.most ?? Number.POSITIVE_INFINITY);
    expect(this.today).toBeLessThan(perDay || Number.POSITIVE_INFINITY);
    this.used += 1;
    this.today += 1;
    this.#calls.set(number, { dayEndMs: swap.dayEndMs, day: this.#day });
    // A connection that broke after the write repeats it.
    const again = { beginsCall: budget };
    await store.swapProgress(ref(this.#id), number, version, next, again);
  }

  async #finish({ kind, row: number, isFree }: Extract<Step, { row: number; isFree: boolean }>) {
    const call = this.#calls.get(number);
    const { version = '' } = this.#looks.get(number) ?? {};
    const givesBack = isFree && call ? call.dayEndMs : null;
    const { store } = this.#bench;
    this.#writes += 1;
    const next = progress('ready', `write-${this.#writes}`);
    const end = isFree ? outcome({ status: 'failed' }) : opened(`${this.#id}-${this.#writes}`);
    const done =
      kind === 'return'
        ? await store.swapProgress(ref(this.#id), number, version, next, { givesBack })
        : await store.recordOutcome(ref(this.#id), number, version, end, sourceOf(number), {
            givesBack,
          });
    if (done.kind !== 'swapped' && done.kind !== 'recorded') return;
    this.#calls.delete(number);
    if (givesBack === null || call === undefined) return;
    this.used -= 1;
    if (call.day === this.#day) this.today -= 1;
  }
}

it('whatever workers and people do in whatever order, the budgets count what a person with a pencil would', async () => {
  const bench = new SteeringBench();
  let batches = 0;
  const property = fc.asyncProperty(
    fc.array(anyStep, { maxLength: 40, size: 'max' }),
    async (steps) => {
      batches += 1;
      const id = `batch-${batches}`;
      await bench.redis.del(bench.keys.sessionsToday);
      await bench.store.openBatch(draft({ id, identity: id }), NOW_MS);
      const rows = Array.from({ length: ROWS }, (_, i) => manifestRow(i + 1));
      await bench.store.appendChunk(ref(id), {
        index: 0,
        rows,
        outcomes: new Map(),
        sharedUrls: [],
      });
      await bench.store.finishImport(ref(id), SHAPE, NOW_MS);
      const pencil = new Pencil(bench, id);
      for (const step of steps) {
        await pencil.do(step);
        const batch = await bench.batch(id);
        expect(batch.usedSessions).toBe(pencil.used);
        expect((await bench.overview.readSessionsToday(Date.now())).used).toBe(pencil.today);
        if (step.kind === 'pause' && batch.isAtLimit) expect(batch.counts.opening).toBe(0);
        if (step.kind === 'limit' && batch.isAtLimit) {
          expect(batch.usedSessions).toBeGreaterThanOrEqual(batch.maxSessions ?? 0);
        }
      }
    },
  );
  await fc.assert(property, { numRuns: 150 });
});
