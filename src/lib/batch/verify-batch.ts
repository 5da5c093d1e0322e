import type { Batch, RowCounts } from '../core/batch/batch.ts';
import { CHUNK_ROWS, countChunks, firstRowOfChunk } from '../core/batch/chunk.ts';
import { explainUnread } from '../core/batch/explain-unread.ts';
import { impliedOutcome } from '../core/batch/implied-outcome.ts';
import { NONE_USED, withinUsed } from '../core/budget/used-sessions.ts';
import { OUTCOME_DAMAGED } from '../core/row/damaged-record.ts';
import type { Outcome } from '../core/row/outcome.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../core/row/row.ts';
import type { RowProgress } from '../core/row/row-progress.ts';
import { RowDigests } from '../rows/row-digests.ts';
import type { BatchStore } from '../store/batch-store.ts';
import { addUsedOfChunk } from './add-used-of-chunk.ts';
import { listForeign } from './foreign-outcomes.ts';

export interface Verification {
  rows: number;
  outcomes: number;
  pending: number;
  /** One sentence for each problem; at most `KEPT_PROBLEMS` are kept. */
  problems: string[];
  problemCount: number;
}

export const KEPT_PROBLEMS = 100;

/**
 * Recounts a batch row by row: rows in = outcomes + pending, one outcome per row, no session twice and none from a
 * different source, every pending row somewhere, counters equal to the recount. For the sessions that count towards a
 * budget, the rows show only a lower and an upper bound. While the batch moves, counters may differ by what moved, so
 * they are compared only when it does not move.
 */
export async function verifyBatch(store: BatchStore, batch: Batch): Promise<Verification> {
  using check = new Recount(store, batch);
  for (let chunk = 0; chunk < countChunks(batch.rows); chunk += 1) await check.chunk(chunk);
  return check.finish(await store.readBatch(batch.id));
}

class Recount implements Disposable {
  readonly #store: BatchStore;
  readonly #batch: Batch;
  readonly #counts = Object.fromEntries(
    [...PENDING_STATES, ...OUTCOME_STATUSES].map((name) => [name, 0]),
  ) as RowCounts;
  readonly #sessions = new RowDigests();
  readonly #problems: string[] = [];
  #problemCount = 0;
  #possibleOrphans = 0;
  #used = NONE_USED;
  #cursor = 1;

  constructor(store: BatchStore, batch: Batch) {
    this.#store = store;
    this.#batch = batch;
  }

  [Symbol.dispose](): void {
    this.#sessions[Symbol.dispose]();
  }

  #problem(sentence: string): void {
    this.#problemCount += 1;
    if (this.#problems.length < KEPT_PROBLEMS) this.#problems.push(sentence);
  }

  async chunk(index: number): Promise<void> {
    const { id, rows: total } = this.#batch;
    const first = firstRowOfChunk(index);
    const expected = Math.min(CHUNK_ROWS, total - first + 1);
    const view = await this.#store.readDispatch(id);
    this.#cursor = view?.cursor ?? 1;
    const rows = await this.#store.readChunk(id, index);
    const outcomes = await this.#store.readOutcomes(id, index);
    if (rows?.length !== expected) {
      this.#problem(
        `Rows ${first} to ${first + expected - 1}: ${rows?.length ?? 0} of ${expected} are in the store.`,
      );
    }
    for (const row of outcomes.keys()) {
      if (row < first || row >= first + expected)
        this.#problem(`Row ${row} has an outcome but is not a row.`);
    }
    for (const row of listForeign(this.#batch, rows ?? [], outcomes)) {
      this.#problem(
        `Row ${row} has the outcome of a call for a different source; --repair ends it as unconfirmed.`,
      );
    }
    const numbers = Array.from({ length: expected }, (_, offset) => first + offset);
    for (const row of numbers) this.#outcome(row, outcomes.get(row));
    const progress = await this.#pending(numbers.filter((row) => !outcomes.has(row)));
    if (this.#batch.maxSessions !== null) {
      this.#used = await addUsedOfChunk(this.#store, this.#batch, this.#used, {
        chunk: index,
        numbers,
        outcomes,
        progress,
      });
    }
  }

  #outcome(row: number, outcome: Outcome | undefined): void {
    if (outcome === undefined) return;
    this.#counts[outcome.status] += 1;
    this.#possibleOrphans += outcome.possibleOrphans ?? 0;
    if (outcome.error?.code === OUTCOME_DAMAGED) {
      this.#problem(`Row ${row}: ${outcome.error.message}`);
    }
    if (outcome.status === 'succeeded' && outcome.session === undefined) {
      this.#problem(`Row ${row} succeeded without a session.`);
    }
    if (outcome.session === undefined || outcome.status === 'reused') return;
    const other = this.#sessions.findOrAdd([outcome.session.id], row);
    if (other !== null) this.#problem(`Rows ${other} and ${row} have the same session.`);
  }

  async #pending(rows: number[]): Promise<Map<number, RowProgress>> {
    const progress = await this.#store.readProgressOf(this.#batch.id, rows);
    for (const row of rows) {
      const known = progress.get(row);
      const implied = impliedOutcome(this.#batch)?.status;
      this.#counts[known?.state ?? implied ?? 'waiting'] += 1;
      if (
        known === undefined &&
        implied === undefined &&
        row < this.#cursor &&
        (await this.#isLost(row))
      ) {
        this.#problem(`Row ${row} was dispatched and then lost.`);
      }
    }
    return progress;
  }

  /** The row may have ended since its chunk was read. */
  async #isLost(row: number): Promise<boolean> {
    const view = await this.#store.readRow(this.#batch, row);
    return view !== null && !view.hasOutcome && view.progress === null;
  }

  /** Only with a budget: an earlier version did not count without one. */
  #checkUsed(after: Batch | null): void {
    const { maxSessions, usedSessions } = this.#batch;
    if (maxSessions === null || after?.usedSessions !== usedSessions) return;
    const nearest = withinUsed(usedSessions, this.#used);
    if (nearest === usedSessions) return;
    const bound = nearest > usedSessions ? 'at least' : 'at most';
    this.#problem(
      `The counter of used sessions says ${usedSessions}, the rows show ${bound} ${nearest}.`,
    );
  }

  finish(after: Batch | null): Verification {
    const unread = explainUnread(after ?? this.#batch);
    if (unread !== null) this.#problem(unread);
    const before = this.#batch.counts;
    const names = [...PENDING_STATES, ...OUTCOME_STATUSES];
    const hasMoved = names.some((name) => before[name] !== after?.counts[name]);
    for (const name of names) {
      if (!hasMoved && before[name] !== this.#counts[name]) {
        this.#problem(
          `The counter of ${name} says ${before[name]}, the rows say ${this.#counts[name]}.`,
        );
      }
    }
    const { possibleOrphans } = this.#batch;
    if (!hasMoved && possibleOrphans !== this.#possibleOrphans) {
      this.#problem(
        `The counter of possible sessions says ${possibleOrphans}, the rows say ${this.#possibleOrphans}.`,
      );
    }
    if (!hasMoved) this.#checkUsed(after);
    const sum = (group: readonly (keyof RowCounts)[]): number =>
      group.reduce((total, name) => total + this.#counts[name], 0);
    return {
      rows: this.#batch.rows,
      outcomes: sum(OUTCOME_STATUSES),
      pending: sum(PENDING_STATES),
      problems: this.#problems,
      problemCount: this.#problemCount,
    };
  }
}
