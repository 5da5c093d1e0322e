import {
  type ApiFailure,
  type OpenedSession,
  openedNoSession,
} from '../../lib/core/answer/api-failure.ts';
import { suspectIds } from '../../lib/core/manifest/rounded-ids.ts';
import { type Ending, rejection } from '../../lib/core/row/compose-outcome.ts';
import { decideNextStep } from '../../lib/core/row/decide-next-step.ts';
import { failedAttempt } from '../../lib/core/row/failed-attempt.ts';
import type { RowProgress } from '../../lib/core/row/row-progress.ts';
import { judgeKlingSource } from '../../lib/core/video/judge-kling-source.ts';
import type { CallResult } from '../../lib/kling/kling-client.ts';
import type { RowJob } from '../../lib/queue/jobs.ts';
import type { JobResult } from '../../lib/queue/queue-worker.ts';
import type { Pass } from '../gate/gate-keeper.ts';
import type { WorkerContext } from '../worker-context.ts';
import { persist } from './persist.ts';
import { reuseSession } from './reuse-session.ts';
import { type RowWork, takeRow } from './row-work.ts';

const DONE: JobResult = { kind: 'done' };
const BACK: JobResult = { kind: 'back' };

/** How the worker that takes the row next sees a call that never returned. */
const LOST_WITH_ITS_WORKER: ApiFailure = {
  kind: 'unconfirmed',
  code: 'worker_died',
  message: 'the worker died during the call',
  httpStatus: null,
  requestId: null,
  retryAfterMs: null,
};

/**
 * Stage `init-selection`: gate ▸ call ▸ classify ▸ next step. The row is checked first. Then it waits at the gate in
 * this worker, so that little more than one write stands between its turn and its call.
 */
export async function openSession(context: WorkerContext, job: RowJob): Promise<JobResult> {
  const taken = await takeRow(context, job);
  if (taken.kind === 'not_now') return taken.result;
  const { work } = taken;
  if (work.progress.isCalling) {
    return await follow(context, job, work, { ok: false, failure: LOST_WITH_ITS_WORKER });
  }
  const pass = await context.gate.enter(context.stopping);
  if (pass === null) return BACK;
  try {
    return await attempt(context, job, pass, work);
  } finally {
    context.gate.release(pass);
  }
}

async function attempt(
  context: WorkerContext,
  job: RowJob,
  pass: Pass,
  work: RowWork,
): Promise<JobResult> {
  const before = await settleBeforeCall(context, job, work, pass);
  if (before !== null) {
    await context.gate.giveBack(pass);
    return before;
  }
  const result = await context.gate.during(pass, () =>
    context.kling.initSelection(job.source, { signal: context.halting }),
  );
  logCall(context, job, work, result);
  if (!result.ok && openedNoSession(result.failure)) work.giveBackSession();
  if (context.halting.aborted && !result.ok && !isAnswered(result.failure)) {
    await context.gate.giveBack(pass);
    return await abandon(work, result.failure);
  }
  const failure = result.ok ? null : result.failure;
  const reported = persist(context, () => context.gate.report(pass, work.name, failure));
  // A failure may close the gate, so it is reported first. A success delays nothing.
  if (!result.ok) await reported;
  const [step] = await Promise.all([follow(context, job, work, result), reported]);
  // Rows may wait for the session that this call did not open.
  const hasGivenBack = failure !== null && openedNoSession(failure);
  if (hasGivenBack && pass.sessionsPerDay > 0) await context.gate.reopenForDay();
  return step;
}

const isAnswered = (failure: ApiFailure): boolean => failure.httpStatus !== null;

/** Every check that may end or delay the row before a call; null when the call has begun. */
async function settleBeforeCall(
  context: WorkerContext,
  job: RowJob,
  work: RowWork,
  pass: Pass,
): Promise<JobResult | null> {
  if (await reuseSession(context, job, work)) return DONE;
  const ending = tooLate(context, job, work.progress, pass);
  if (ending !== null) {
    await work.end(ending);
    return DONE;
  }
  const budget = { perDay: pass.sessionsPerDay, dayEnds: context.dayEnds(context.now()) };
  const begun = await work.beginCall(
    {
      ...warned(context, job, work.progress),
      firstCallOpenMs: work.progress.firstCallOpenMs ?? pass.openMs,
    },
    budget,
  );
  switch (begun.kind) {
    case 'begun':
      return null;
    case 'changed':
      return BACK;
    case 'handed_back':
      return DONE;
    case 'no_session_today':
      // Then the row waits at the gate like all others.
      await context.gate.closeForDay(budget.perDay, begun.dayEndMs);
      return BACK;
  }
}

function tooLate(
  context: WorkerContext,
  job: RowJob,
  progress: RowProgress,
  pass: Pass,
): Ending | null {
  const { firstCallOpenMs } = progress;
  if (firstCallOpenMs !== null && pass.openMs - firstCallOpenMs > context.rowDeadlineMs) {
    return {
      kind: 'no_session',
      status: progress.lostCalls > 0 ? 'unconfirmed' : 'failed',
      code: 'row_deadline',
      message: `No success within ${Math.round(context.rowDeadlineMs / 60_000)} min of open gate time (ROW_DEADLINE).`,
    };
  }
  const verdict = judgeSource(context, job);
  return verdict === null || verdict.isAccepted ? null : rejection(verdict.violations);
}

const judgeSource = (context: WorkerContext, { source }: RowJob) =>
  source.kind === 'kling' && source.createdAtMs !== undefined
    ? judgeKlingSource(source.createdAtMs, context.now())
    : null;

/** Warns once about a Kling video that is about to expire, or about an id that may be rounded. */
function warned(
  context: WorkerContext,
  job: RowJob,
  progress: RowProgress,
): Pick<RowProgress, 'warnings'> {
  const doubts = job.source.kind === 'kling' ? suspectIds(job.source) : [];
  const added = [...(judgeSource(context, job)?.warnings ?? []), ...doubts].map(
    ({ message }) => message,
  );
  return { warnings: [...new Set([...progress.warnings, ...added])] };
}

/** Halted during a call: no attempt is spent, but if the call was sent, a session may exist. */
async function abandon(work: RowWork, failure: ApiFailure): Promise<JobResult> {
  const lostCalls = work.progress.lostCalls + (failure.kind === 'unconfirmed' ? 1 : 0);
  await work.advance({ state: 'ready', isCalling: false, lostCalls });
  return BACK;
}

type Answer = { ok: true; session: OpenedSession } | { ok: false; failure: ApiFailure };

/** Carries out the decision about an answer. */
async function follow(
  context: WorkerContext,
  job: RowJob,
  work: RowWork,
  result: Answer,
): Promise<JobResult> {
  const { attempts, unconfirmed, lostCalls } = work.progress;
  const { counters, ...step } = decideNextStep({
    result,
    counters: { attempts, unconfirmed },
    policy: context.retryPolicy,
    random: context.random(),
  });
  const spent = {
    ...counters,
    isCalling: false,
    lostCalls: lostCalls + counters.unconfirmed - unconfirmed,
  };
  if (result.ok) {
    await work.end({ kind: 'session', session: result.session }, spent);
    return DONE;
  }
  switch (step.kind) {
    case 'succeeded':
      return DONE;
    case 'end':
      await work.end(endingOf(step, result.failure, spent.lostCalls), spent);
      return DONE;
    case 'wait_at_gate':
      await work.advance({ ...spent, state: 'ready' });
      return await unlessSteered(context, job, BACK);
    case 'retry': {
      const failed = failedAttempt(result.failure, context.now());
      const failedAttempts = [...work.progress.failedAttempts, failed];
      const isMine = await work.advance({ ...spent, failedAttempts, state: 'ready' });
      if (!isMine) return DONE;
      return await unlessSteered(context, job, { kind: 'later', delayMs: step.delayMs });
    }
  }
}

/** If the batch was cancelled or paused during the call, the row does not wait for its next one. */
async function unlessSteered(
  context: WorkerContext,
  job: RowJob,
  result: JobResult,
): Promise<JobResult> {
  const taken = await takeRow(context, job);
  return taken.kind === 'not_now' ? taken.result : result;
}

/** A row that lost a call at a shutdown does not end as plain `failed` either. */
function endingOf(
  step: { status: 'failed' | 'unconfirmed'; code: string; message: string },
  failure: ApiFailure,
  lostCalls: number,
): Ending {
  const isRefusal = failure.kind === 'refused';
  return {
    kind: 'no_session',
    status: !isRefusal && lostCalls > 0 ? 'unconfirmed' : step.status,
    code: step.code,
    message: step.message,
    requestId: failure.requestId,
    httpStatus: failure.httpStatus,
    isRefusal,
  };
}

function logCall(context: WorkerContext, job: RowJob, work: RowWork, result: CallResult): void {
  const { batchId: batch, row } = job;
  const fields = { batch, row, attempt: work.progress.attempts + 1, durationMs: result.durationMs };
  if (result.ok) {
    context.log.debug({ ...fields, requestId: result.session.requestId }, 'session opened');
    return;
  }
  const { kind, code, message, httpStatus, requestId } = result.failure;
  context.log.debug({ ...fields, kind, code, message, httpStatus, requestId }, 'call failed');
}
