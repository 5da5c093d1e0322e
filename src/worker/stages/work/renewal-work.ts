import { randomUUID } from 'node:crypto';
import type { Batch } from '../../../lib/core/batch/batch.ts';
import { isDue, mayRenew, renewalPolicy } from '../../../lib/core/renewal/decide-renewal.ts';
import { progressOfRenewal, withRenewal } from '../../../lib/core/renewal/renewal-progress.ts';
import {
  composeOutcome,
  type Ending,
  repeatedSession,
} from '../../../lib/core/row/compose-outcome.ts';
import type { RetryPolicy } from '../../../lib/core/row/decide-next-step.ts';
import type { Outcome } from '../../../lib/core/row/outcome.ts';
import { isBeingRenewed } from '../../../lib/core/row/renewal.ts';
import type { RowProgress } from '../../../lib/core/row/row-progress.ts';
import { batchOf, type RowJob } from '../../../lib/queue/jobs.ts';
import type { CallBudget, SwapOptions } from '../../../lib/store/batch-store.ts';
import type { NoteResult, RenewResult } from '../../../lib/store/session-renewals.ts';
import type { WorkerContext } from '../../worker-context.ts';
import { persist } from './persist.ts';
import { answeredLate, logLostSession, type NotNow, notMine, RowWork } from './row-work.ts';
import type { BegunCall, SessionWork } from './session-work.ts';

type OpenedEnding = Exclude<Ending, { kind: 'no_session' }>;

/**
 * Reads the store first. The job is dropped if its batch was removed, if the row has no outcome any more, or if its
 * session is not to be renewed now: it was renewed, it has expired, or sessions are no longer kept alive. A call that
 * was lost with its worker is settled in any case.
 */
export async function takeRenewal(
  context: WorkerContext,
  job: RowJob,
): Promise<{ kind: 'taken'; work: SessionWork } | NotNow> {
  const { store } = context;
  const [batch, outcomes] = await Promise.all([
    store.readBatch(job.batchId),
    store.readOutcomesOf(job.batchId, [job.row]),
  ]);
  const outcome = outcomes.get(job.row);
  if (batch === null || batch.incarnation !== job.incarnation || !outcome) return notMine;
  const isWanted = isBeingRenewed(outcome) || isToRenew(context, batch, job.row, outcome);
  return isWanted
    ? { kind: 'taken', work: new RenewalWork(context, job, batch, outcome) }
    : notMine;
}

function isToRenew({ now }: WorkerContext, batch: Batch, row: number, outcome: Outcome): boolean {
  const untilMs = batch.keepAlive?.untilMs ?? 0;
  return mayRenew(batch, now()) && isDue(outcome, row, untilMs, now());
}

/**
 * A row whose session is renewed, in this worker. Its outcome stays until it has the next session; every step is a
 * change of that outcome, by compare-and-swap.
 */
class RenewalWork implements SessionWork {
  readonly retryPolicy: RetryPolicy;
  readonly options: Batch['options'];
  readonly #context: WorkerContext;
  readonly #job: RowJob;
  /** As it is stored. */
  #found: Outcome;
  #progress: RowProgress;
  #dayEndMs: number | null = null;
  #givesBack: number | null = null;

  constructor(context: WorkerContext, job: RowJob, { options }: Batch, outcome: Outcome) {
    this.#context = context;
    this.#job = job;
    this.options = options;
    this.retryPolicy = renewalPolicy(context.retryPolicy);
    this.#found = outcome;
    this.#progress = progressOfRenewal(outcome);
  }

  get progress(): RowProgress {
    return this.#progress;
  }

  get name(): string {
    return `${this.#job.batchId}-${this.#job.row}`;
  }

  /** Another session is useful only if it lives longer. */
  get presentUntilMs(): number {
    return this.#found.session?.expiresAtMs ?? 0;
  }

  async advance(patch: Partial<RowProgress>): Promise<boolean> {
    return (await this.#note(patch, {})).kind === 'noted';
  }

  async beginCall(patch: Partial<RowProgress>, budget: CallBudget): Promise<BegunCall> {
    // It may have waited long at the gate. Expired sessions are left to `refresh`.
    if (this.#context.now() >= this.presentUntilMs) return { kind: 'dropped' };
    const begun = { ...patch, isCalling: true, callBeganMs: this.#context.now() };
    const noted = await this.#note(begun, { beginsCall: budget });
    switch (noted.kind) {
      case 'begun':
        this.#dayEndMs = noted.dayEndMs;
        return { kind: 'begun' };
      case 'no_session_today':
        return noted;
      case 'no_session_left':
      case 'noted':
      case 'changed':
      case 'gone':
        return { kind: 'dropped' };
    }
  }

  giveBackSession(): void {
    this.#givesBack = this.#dayEndMs;
  }

  async end(ending: Ending, patch: Partial<RowProgress> = {}): Promise<void> {
    this.#progress = { ...this.#progress, ...patch, isCalling: false };
    if (ending.kind === 'no_session') await this.#giveUp(ending);
    else await this.#renew(ending, this.#context.now());
  }

  async #note(
    patch: Partial<RowProgress>,
    options: Pick<SwapOptions, 'beginsCall'>,
    givenUp: string | null = null,
  ): Promise<NoteResult> {
    const progress = { ...this.#progress, ...patch, writer: randomUUID() };
    const change = { found: this.#found, next: withRenewal(this.#found, progress, givenUp) };
    const given = { ...options, givesBack: this.#givesBack };
    const noted = await persist(this.#context, () =>
      this.#context.renewals.note(batchOf(this.#job), this.#job.row, change, given),
    );
    if (noted.kind !== 'noted' && noted.kind !== 'begun') return noted;
    this.#progress = progress;
    this.#found = change.next;
    this.#givesBack = null;
    return noted;
  }

  /** The present session stays until it expires. */
  async #giveUp(ending: Exclude<Ending, OpenedEnding>): Promise<void> {
    const { code, message, httpStatus = null, requestId = null } = ending;
    const { attempts, failedAttempts } = this.#progress;
    const last = { atMs: this.#context.now(), code, message, httpStatus, requestId };
    const all = attempts > failedAttempts.length ? [...failedAttempts, last] : failedAttempts;
    await this.#note({ failedAttempts: all }, {}, `${message} (${code})`);
    const { batchId: batch, row } = this.#job;
    this.#context.log.info({ batch, row, code }, 'session not renewed');
  }

  /** `atMs`: when the answer came, even if Redis gets it much later. */
  async #renew(ending: OpenedEnding, atMs: number): Promise<void> {
    for (;;) {
      const change = { found: this.#found, next: composeOutcome(ending, this.#progress, atMs) };
      const renewed = await this.#store(change);
      switch (renewed.kind) {
        case 'renewed':
          return this.#logRenewal(change.next);
        case 'session_taken':
          if (ending.kind === 'session') {
            return await this.end(repeatedSession(ending.session, renewed.byRow));
          }
          return;
        case 'gone':
          this.#logLoss(ending, 'gone');
          return;
        case 'changed':
          if (!(await this.#lookAgain(ending))) return;
      }
    }
  }

  async #store(change: { found: Outcome; next: Outcome }): Promise<RenewResult> {
    const { renewals } = this.#context;
    const { row, source } = this.#job;
    return await persist(this.#context, () =>
      renewals.renew(batchOf(this.#job), row, change, source, { givesBack: this.#givesBack }),
    );
  }

  /**
   * Another worker has counted the call as lost, or a person has reopened the row. False when nothing is left to do;
   * the row gets the opened session if it still needs one.
   */
  async #lookAgain(ending: OpenedEnding): Promise<boolean> {
    if (ending.kind === 'reused') return false;
    const { store } = this.#context;
    const { row } = this.#job;
    const batch = batchOf(this.#job);
    const view = await persist(this.#context, () => store.readRow(batch, row));
    if (view === null) return this.#logLoss(ending, 'gone');
    if (!view.hasOutcome) {
      await new RowWork(this.#context, this.#job, view).end(ending);
      return false;
    }
    const outcomes = await persist(this.#context, () => store.readOutcomesOf(batch.id, [row]));
    const present = outcomes.get(row);
    const isSameSession = present?.session?.id === this.#found.session?.id;
    if (present === undefined || !isSameSession) return this.#logLoss(ending, 'has_outcome');
    this.#found = present;
    this.#progress = answeredLate(progressOfRenewal(present), this.#progress);
    return true;
  }

  #logRenewal({ status, session }: Outcome): void {
    const { batchId: batch, row } = this.#job;
    const expiresAtMs = session?.expiresAtMs ?? null;
    this.#context.log.debug({ batch, row, status, expiresAtMs }, 'session renewed');
  }

  #logLoss(ending: OpenedEnding, kind: 'gone' | 'has_outcome'): false {
    if (ending.kind === 'session') {
      logLostSession(this.#context, this.#job, ending.session.sessionId, kind);
    }
    return false;
  }
}
