import {
  type ApiFailure,
  type OpenedSession,
  openedNoSession,
} from '../../lib/core/answer/api-failure.ts';
import type { Ending } from '../../lib/core/row/compose-outcome.ts';
import { decideNextStep } from '../../lib/core/row/decide-next-step.ts';
import { failedAttempt } from '../../lib/core/row/failed-attempt.ts';
import { loseCall } from '../../lib/core/row/row-progress.ts';
import type { CallResult } from '../../lib/kling/kling-client.ts';
import { batchOf, type RowJob } from '../../lib/queue/jobs.ts';
import type { JobResult } from '../../lib/queue/queue-worker.ts';
import type { Pass } from '../gate/gate-keeper.ts';
import type { WorkerContext } from '../worker-context.ts';
import { tooLate, warned } from './opening/before-call.ts';
import { assumeFresh } from './opening/fresh-row.ts';
import { persist } from './work/persist.ts';
import { reuseSession } from './work/reuse-session.ts';
import { type RowWork, takeRow } from './work/row-work.ts';
import type { SessionWork } from './work/session-work.ts';
import { takeWork } from './work/take-work.ts';

const DONE: JobResult = { kind: 'done' };
const BACK: JobResult = { kind: 'back' };

const LEFT_ALONE_MS = 2_000;

/** The failure that the next worker records for a call that never returned. */
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
 * this worker, so that little more than one write lies between its turn and its call. A row that is probably as
 * dispatch left it is checked by that write.
 */
export async function openSession(context: WorkerContext, job: RowJob): Promise<JobResult> {
  const fresh = assumeFresh(context, job);
  if (fresh !== null) {
    return await withPass(context, (pass) => attemptFresh(context, job, pass, fresh));
  }
  const taken = await takeWork(context, job);
  if (taken.kind === 'not_now') return taken.result;
  const { work } = taken;
  context.batchOptions.note(batchOf(job), work.options);
  if (work.progress.isCalling) return await followLost(context, job, work);
  return await withPass(context, (pass) => attempt(context, job, pass, work));
}

async function withPass(
  context: WorkerContext,
  act: (pass: Pass) => Promise<JobResult>,
): Promise<JobResult> {
  const pass = await context.gate.enter(context.stopping);
  if (pass === null) return BACK;
  try {
    return await act(pass);
  } finally {
    context.gate.release(pass);
  }
}

async function attemptFresh(
  context: WorkerContext,
  job: RowJob,
  pass: Pass,
  fresh: RowWork,
): Promise<JobResult> {
  const isTooLate = tooLate(context, job, fresh.progress, pass) !== null;
  const begun = isTooLate ? 'changed' : await begin(context, job, fresh, pass);
  if (begun === 'begun') return await call(context, job, pass, fresh);
  // Something else is stored about the row, or its batch does not run.
  const settled = begun === 'changed' ? await takeRow(context, job) : begun;
  if (settled.kind === 'taken' && !settled.work.progress.isCalling) {
    return await attempt(context, job, pass, settled.work);
  }
  await context.gate.giveBack(pass);
  if (settled.kind === 'taken') return await followLost(context, job, settled.work);
  return settled.kind === 'not_now' ? settled.result : settled;
}

async function attempt(
  context: WorkerContext,
  job: RowJob,
  pass: Pass,
  work: SessionWork,
): Promise<JobResult> {
  const before = await settleBeforeCall(context, job, work, pass);
  if (before === 'begun') return await call(context, job, pass, work);
  await context.gate.giveBack(pass);
  return before === 'changed' ? BACK : before;
}

/**
 * Another worker had the row and died during its call. After an outage of Redis it may only have lost the lock of its
 * job: then it still has the answer and is about to store it, so the row is left alone for a moment.
 */
async function followLost(
  context: WorkerContext,
  job: RowJob,
  work: SessionWork,
): Promise<JobResult> {
  if (context.trouble.outage !== null) return { kind: 'later', delayMs: LEFT_ALONE_MS };
  return await follow(context, job, work, { ok: false, failure: LOST_WITH_ITS_WORKER });
}

async function call(
  context: WorkerContext,
  job: RowJob,
  pass: Pass,
  work: SessionWork,
): Promise<JobResult> {
  const result = await context.gate.during(pass, () =>
    context.kling.initSelection(job.source, { signal: context.halting }),
  );
  context.meter.called(batchOf(job), result);
  logCall(context, job, work, result);
  if (!result.ok && openedNoSession(result.failure)) work.giveBackSession();
  if (context.halting.aborted && !result.ok && !isAnswered(result.failure)) {
    await context.gate.giveBack(pass);
    return await abandon(work, result.failure);
  }
  const failure = result.ok ? null : result.failure;
  const reported = persist(context, () => context.gate.report(pass, work.name, failure));
  // A failure may close the gate, so it is reported first. A success is reported without waiting.
  if (!result.ok) await reported;
  const [step] = await Promise.all([follow(context, job, work, result), reported]);
  // Rows may wait for the session that this call did not open.
  const hasGivenBack = failure !== null && openedNoSession(failure);
  if (hasGivenBack && pass.sessionsPerDay > 0) await context.gate.reopenForDay();
  return step;
}

const isAnswered = (failure: ApiFailure): boolean => failure.httpStatus !== null;

/** The call has begun; or the row or its batch has changed; or the job's result instead. */
type Begun = 'begun' | 'changed' | JobResult;

/** Every check that may end or delay the row before a call. */
async function settleBeforeCall(
  context: WorkerContext,
  job: RowJob,
  work: SessionWork,
  pass: Pass,
): Promise<Begun> {
  if (await reuseSession(context, job, work)) return DONE;
  const ending = tooLate(context, job, work.progress, pass);
  if (ending !== null) {
    await work.end(ending);
    return DONE;
  }
  return await begin(context, job, work, pass);
}

/** The last write before the call. */
async function begin(
  context: WorkerContext,
  job: RowJob,
  work: SessionWork,
  pass: Pass,
): Promise<Begun> {
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
    case 'changed':
      return begun.kind;
    case 'dropped':
      return DONE;
    case 'no_session_today':
      // Then the row waits at the gate like all others.
      await context.gate.closeForDay(budget.perDay, begun.dayEndMs);
      return BACK;
  }
}

/** Halted during a call: no attempt is spent, but if the call was sent, a session may exist. */
async function abandon(work: SessionWork, failure: ApiFailure): Promise<JobResult> {
  const lost = failure.kind === 'unconfirmed' ? loseCall(work.progress) : {};
  await work.advance({ state: 'ready', isCalling: false, ...lost });
  return BACK;
}

type Answer = { ok: true; session: OpenedSession } | { ok: false; failure: ApiFailure };

/** Carries out the decision about an answer. */
async function follow(
  context: WorkerContext,
  job: RowJob,
  work: SessionWork,
  result: Answer,
): Promise<JobResult> {
  const { attempts, unconfirmed, lostCalls, lostCallTimes } = work.progress;
  const { counters, ...step } = decideNextStep({
    result,
    counters: { attempts, unconfirmed },
    policy: work.retryPolicy,
    random: context.random(),
  });
  const spent = {
    ...counters,
    isCalling: false,
    ...(counters.unconfirmed > unconfirmed
      ? loseCall(work.progress)
      : { lostCalls, lostCallTimes }),
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
  const taken = await takeWork(context, job);
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

function logCall(context: WorkerContext, job: RowJob, work: SessionWork, result: CallResult): void {
  const { batchId: batch, row } = job;
  const fields = { batch, row, attempt: work.progress.attempts + 1, durationMs: result.durationMs };
  if (result.ok) {
    context.log.debug({ ...fields, requestId: result.session.requestId }, 'session opened');
    return;
  }
  const { kind, code, message, httpStatus, requestId } = result.failure;
  context.log.debug({ ...fields, kind, code, message, httpStatus, requestId }, 'call failed');
}
