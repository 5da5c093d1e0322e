import { onTestFinished, vi } from 'vitest';
import type { Outcome } from '../../../src/lib/core/row/outcome.ts';
import { batchOf, dispatchJobOf, type RowJob } from '../../../src/lib/queue/jobs.ts';
import { Dispatcher } from '../../../src/worker/stages/dispatch-batch.ts';
import type { Workshop } from './workshop.ts';

interface Happening {
  atMs: number;
  act: () => void | Promise<void>;
}

/**
 * The real dispatch and the real store in simulated time: looks and calls happen in the order of their times, so that
 * the result is the same on every machine. Rows wait in one line, first come, first served, as in a queue.
 */
export class SlowMotion {
  readonly #workshop: Workshop;
  readonly #dispatcher: Dispatcher;
  readonly #speed: { concurrency: number; latencyMs: number };
  readonly #line: RowJob[] = [];
  readonly #happenings: Happening[] = [];
  #calling = 0;
  #nowMs = 1_000_000_000_000;

  /** The API takes this many calls at once, each for this long. */
  constructor(workshop: Workshop, speed: { concurrency: number; latencyMs: number }) {
    this.#workshop = workshop;
    this.#speed = speed;
    this.#dispatcher = new Dispatcher({ ...workshop.context, now: () => this.#nowMs });
    const line = vi.spyOn(workshop.queues, 'addRows').mockImplementation(async (_stage, jobs) => {
      this.#line.push(...jobs);
    });
    onTestFinished(() => line.mockRestore());
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Imports a batch, which begins at once. */
  async begin(batchId: string, rows: number, priority = 10): Promise<void> {
    await this.#workshop.import(batchId, rows, { priority });
    this.#at(this.#nowMs, () => this.#look(batchId));
  }

  async pass(durationMs: number): Promise<void> {
    const endMs = this.#nowMs + durationMs;
    while ((this.#happenings[0]?.atMs ?? endMs) < endMs) await this.#step();
    this.#nowMs = endMs;
  }

  /** Lets time pass until all rows of a batch have ended. */
  async untilEnded(batchId: string): Promise<void> {
    while ((await this.#workshop.batch(batchId)).state !== 'completed') await this.#step();
  }

  async #step(): Promise<void> {
    const next = this.#happenings.shift();
    if (next === undefined) throw new Error('nothing will ever happen again');
    this.#nowMs = next.atMs;
    await next.act();
  }

  #at(atMs: number, act: Happening['act']): void {
    const later = this.#happenings.findIndex((other) => other.atMs > atMs);
    this.#happenings.splice(later === -1 ? this.#happenings.length : later, 0, { atMs, act });
  }

  async #look(batchId: string): Promise<void> {
    const batch = await this.#workshop.batch(batchId);
    const result = await this.#dispatcher.dispatch(dispatchJobOf(batch, 0));
    if (result.kind === 'later') {
      this.#at(this.#nowMs + result.delayMs, () => this.#look(batchId));
    }
    this.#fillSlots();
  }

  #fillSlots(): void {
    const { concurrency, latencyMs } = this.#speed;
    const jobs = this.#line.splice(0, concurrency - this.#calling);
    if (jobs.length === 0) return;
    this.#calling += jobs.length;
    this.#at(this.#nowMs + latencyMs, async () => {
      await Promise.all(jobs.map((job) => this.#end(job)));
      this.#calling -= jobs.length;
      this.#fillSlots();
    });
  }

  async #end(job: RowJob): Promise<void> {
    const { store } = this.#workshop;
    const { row, source } = job;
    const batch = batchOf(job);
    const view = await store.readRow(batch, row);
    const outcome: Outcome = {
      status: 'succeeded',
      finishedAtMs: this.#nowMs,
      attempts: 1,
      warnings: [],
    };
    await store.recordOutcome(batch, row, view?.version ?? '', outcome, source);
  }
}
