import { randomUUID } from 'node:crypto';
import type { BatchRef, BatchState } from '../../../lib/core/batch/batch.ts';
import {
  decideFailurePause,
  type FailureFacts,
} from '../../../lib/core/batch/decide-failure-pause.ts';
import { cancellationOf } from '../../../lib/core/row/cancellation.ts';
import {
  composeOutcome,
  type Ending,
  isLastWord,
  repeatedSession,
} from '../../../lib/core/row/compose-outcome.ts';
import { DAMAGED_PROGRESS, RECORD_DAMAGED } from '../../../lib/core/row/damaged-record.ts';
import type { RetryPolicy } from '../../../lib/core/row/decide-next-step.ts';
import {
  findCall,
  loseCall,
  newRowProgress,
  type RowProgress,
  withLostCall,
} from '../../../lib/core/row/row-progress.ts';
import { batchOf, type RowJob } from '../../../lib/queue/jobs.ts';
import type { JobResult } from '../../../lib/queue/queue-worker.ts';
import type {
  CallBudget,
  RecordResult,
  RowView,
  SwapOptions,
  SwapResult,
} from '../../../lib/store/batch-store.ts';
import type { WorkerContext } from '../../worker-context.ts';
import { pauseBatch } from './pause-batch.ts';
import { persist } from './persist.ts';
import type { BegunCall, SessionWork } from './session-work.ts';

/** The row must not be processed now. `result`: what the stage does with its job. */
export type NotNow = { kind: 'not_now'; result: JobResult };

export type TakenRow = { kind: 'taken'; work: RowWork } | NotNow;

/**
 * Reads the store first, as every stage does. The job of an ended row is dropped, a row of a paused batch returns to
 * dispatch, and a row of a cancelled batch ends. The job of a removed batch is also dropped, even if another batch
 * has its id now.
 */
export async function takeRow(context: WorkerContext, job: RowJob): Promise<TakenRow> {
  const view = await readNotedRow(context, job);
  if (view === null || view.hasOutcome) return notMine;
  const work = new RowWork(context, job, view);
  if (view.isDamaged) {
    await work.end(DAMAGED);
    return notMine;
  }
  switch (view.batchState) {
    case 'running':
      return { kind: 'taken', work };
    case 'importing':
    case 'paused':
      await work.handBack();
      return notMine;
    case 'completed':
    case 'cancelling':
    case 'cancelled':
      // Without progress, the row was cancelled together with all others.
      if (view.progress !== null)
        await work.end(cancellationOf(view.progress), withLostCall(view.progress));
      return notMine;
  }
}

/** Its cost so far is unknown, so it is not tried again. */
const DAMAGED: Ending = {
  kind: 'no_session',
  status: 'unconfirmed',
  code: RECORD_DAMAGED,
  message: DAMAGED_PROGRESS,
};

const STILL_TO_DO: ReadonlySet<BatchState> = new Set(['importing', 'running', 'paused']);

/**
 * A worker may be quicker than dispatch, which records rows after queueing them. Then the row is recorded here.
 * Otherwise dispatch would change the row while the worker has it, and the worker would drop it.
 */
async function readNotedRow(context: WorkerContext, job: RowJob): Promise<RowView | null> {
  const { row } = job;
  const batch = batchOf(job);
  for (;;) {
    const view = await context.store.readRow(batch, row);
    if (view === null || view.hasOutcome || view.progress !== null) return view;
    if (!STILL_TO_DO.has(view.batchState)) return view;
    const noted = { ...newRowProgress('waiting'), writer: randomUUID() };
    await persist(context, () => context.store.swapProgress(batch, row, view.version, noted));
  }
}

export const notMine: NotNow = { kind: 'not_now', result: { kind: 'done' } };

/** One row in this worker. Another worker may have it, too; the first to store continues. */
export class RowWork implements SessionWork {
  readonly presentUntilMs = null;
  readonly #context: WorkerContext;
  readonly #job: RowJob;
  readonly #batch: BatchRef;
  readonly #options: RowView['options'];
  #version: string;
  #progress: RowProgress;
  /** The end of the day in which the call under way counts; null without a call of this worker. */
  #dayEndMs: number | null = null;
  /** The same, if the call has opened no session: the next write gives it back. */
  #givesBack: number | null = null;

  constructor(context: WorkerContext, job: RowJob, view: RowView) {
    this.#context = context;
    this.#job = job;
    this.#batch = batchOf(job);
    this.#options = view.options;
    this.#version = view.version;
    this.#progress = view.progress ?? newRowProgress('waiting');
  }

  get progress(): RowProgress {
    return this.#progress;
  }

  get options(): RowView['options'] {
    return this.#options;
  }

  get retryPolicy(): RetryPolicy {
    return this.#context.retryPolicy;
  }

  get name(): string {
    return `${this.#batch.id}-${this.#job.row}`;
  }

  async advance(patch: Partial<RowProgress>): Promise<boolean> {
    return await this.#swap(patch, {});
  }

  /**
   * `changed`: another worker has moved the row on, or its batch was paused or cancelled. `dropped`: the batch has no
   * session left, and dispatch has the row.
   */
  async beginCall(patch: Partial<RowProgress>, budget: CallBudget): Promise<BegunCall> {
    const callBeganMs = this.#context.now();
    const next = { ...patch, state: 'opening', isCalling: true, callBeganMs } as const;
    const swap = await this.#trySwap(next, { beginsCall: budget });
    switch (swap.kind) {
      case 'begun':
        this.#dayEndMs = swap.dayEndMs;
        return { kind: 'begun' };
      case 'no_session_today':
        return swap;
      case 'no_session_left':
        await this.handBack();
        return { kind: 'dropped' };
      case 'swapped':
      case 'changed':
      case 'has_outcome':
      case 'gone':
        return { kind: 'changed' };
    }
  }

  giveBackSession(): void {
    this.#givesBack = this.#dayEndMs;
  }

  /** Returns the row to dispatch. */
  async handBack(): Promise<void> {
    await this.#swap({ state: 'waiting' }, { isHandedBack: true });
  }

  async #swap(patch: Partial<RowProgress>, options: SwapOptions): Promise<boolean> {
    return (await this.#trySwap(patch, options)).kind === 'swapped';
  }

  async #trySwap(patch: Partial<RowProgress>, options: SwapOptions): Promise<SwapResult> {
    const next = { ...this.#progress, ...patch, writer: randomUUID() };
    const { store, halting, log } = this.#context;
    const given = { ...options, givesBack: this.#givesBack };
    const swap = await persist({ halting, log }, () =>
      store.swapProgress(this.#batch, this.#job.row, this.#version, next, given),
    );
    if (swap.kind !== 'swapped' && swap.kind !== 'begun') return swap;
    this.#progress = next;
    this.#version = swap.version;
    this.#givesBack = null;
    return swap;
  }

  /**
   * Ends the row. If another worker has moved it on meanwhile (this one was frozen and considered dead), only a final
   * answer of the API still counts: a session or a refusal. A refusal from before a retry or refresh does not count,
   * because the new attempt gets its own answer.
   */
  async end(ending: Ending, patch: Partial<RowProgress> = {}): Promise<void> {
    const { store } = this.#context;
    // A session's life begins with its answer, even if Redis gets it much later.
    const atMs = this.#context.now();
    let progress: RowProgress = { ...this.#progress, ...patch };
    let version = this.#version;
    for (;;) {
      const recorded = await this.#record(ending, progress, version, atMs);
      if (recorded.kind !== 'changed') return await this.#logLoss(ending, recorded);
      if (!isLastWord(ending)) return;
      const view = await persist(this.#context, () => store.readRow(this.#batch, this.#job.row));
      if (view === null) return await this.#logLoss(ending, { kind: 'gone' });
      if (ending.kind !== 'session' && !this.#isSameTry(view.progress)) return;
      version = view.version;
      progress = answeredLate(view.progress ?? newRowProgress('waiting'), this.#progress);
    }
  }

  async #record(
    ending: Ending,
    progress: RowProgress,
    version: string,
    atMs: number,
  ): Promise<RecordResult> {
    const { store, meter } = this.#context;
    const { row, source } = this.#job;
    const outcome = composeOutcome(ending, progress, atMs);
    const recorded = await persist(this.#context, () =>
      store.recordOutcome(this.#batch, row, version, outcome, source, {
        givesBack: this.#givesBack,
      }),
    );
    if (recorded.kind === 'session_taken' && ending.kind === 'session') {
      const repeated = repeatedSession(ending.session, recorded.byRow);
      return await this.#record(repeated, progress, version, atMs);
    }
    if (recorded.kind === 'recorded') {
      meter.ended(outcome.status, this.#batch);
      this.#logEnd(ending, recorded.batchState);
      await this.#pauseWhenTooManyFail(recorded.failures);
    }
    return recorded;
  }

  #logEnd(ending: Ending, batchState: string): void {
    const { batchId: batch, row } = this.#job;
    const fields =
      ending.kind === 'no_session'
        ? { status: ending.status, code: ending.code }
        : { status: ending.kind === 'reused' ? 'reused' : 'succeeded' };
    this.#context.log.debug({ batch, row, ...fields }, 'row ended');
    if (batchState === 'completed') this.#context.log.info({ batch }, 'batch completed');
  }

  /** Whether the row was neither retried nor refreshed since this worker called; both clear the row's first call. */
  #isSameTry(progress: RowProgress | null): boolean {
    return progress?.firstCallOpenMs === this.#progress.firstCallOpenMs;
  }

  /** Logs a session that no row shows, so that it is not lost silently. */
  async #logLoss(ending: Ending, { kind }: RecordResult): Promise<void> {
    if (ending.kind !== 'session') return;
    const { sessionId: session } = ending.session;
    if (kind === 'gone') logLostSession(this.#context, this.#job, session, kind);
    if (kind !== 'has_outcome') return;
    const { store } = this.#context;
    const { row } = this.#job;
    // A write whose answer was lost with the connection recognises itself.
    const outcomes = await persist(this.#context, () =>
      store.readOutcomesOf(this.#batch.id, [row]),
    );
    if (outcomes.get(row)?.session?.id === session) return;
    logLostSession(this.#context, this.#job, session, kind);
  }

  async #pauseWhenTooManyFail(failures: FailureFacts): Promise<void> {
    if (!decideFailurePause(failures, this.#options.maxFailures)) return;
    const [worst] = await this.#context.store.readErrors(this.#batch.id, 1);
    const reason = `too many rows failed, mostly with ${worst?.code ?? 'no code'}: ${worst?.sample ?? ''}`;
    await pauseBatch(this.#context, this.#batch, reason);
  }
}

/** Log the session, because no row shows it. */
export function logLostSession(
  { log }: Pick<WorkerContext, 'log'>,
  { batchId: batch, row }: RowJob,
  session: string,
  kind: 'gone' | 'has_outcome',
): void {
  const fields = { batch, row, session };
  if (kind === 'gone') log.warn(fields, 'session opened for a removed batch');
  else log.warn(fields, 'session opened for a row that had ended');
}

/**
 * Our call was counted as lost when another worker took over, and then it was answered after all. If the other
 * worker's call is under way, it opens a session that is not recorded.
 */
export function answeredLate(progress: RowProgress, { callBeganMs }: RowProgress): RowProgress {
  const found = { ...progress, ...findCall(progress, callBeganMs) };
  return progress.isCalling ? { ...found, ...loseCall(found) } : found;
}
