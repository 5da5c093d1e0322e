import { cancelBatch } from '../../lib/batch/steer-batch.ts';
import type { Act } from '../../lib/core/act.ts';
import { type Batch, isEnded } from '../../lib/core/batch/batch.ts';
import { explainUnread } from '../../lib/core/batch/explain-unread.ts';
import { redactUrls } from '../../lib/core/redact-url.ts';
import { decideManifestRetry } from '../../lib/core/schedule/decide-manifest-retry.ts';
import { decideOverlap } from '../../lib/core/schedule/decide-overlap.ts';
import { runBatchId } from '../../lib/core/schedule/run-batch-id.ts';
import {
  hasRecovered,
  isOpenRun,
  type RunState,
  type Schedule,
  type ScheduleRun,
  seriesBefore,
} from '../../lib/core/schedule/schedule.ts';
import type { JobResult } from '../../lib/queue/queue-worker.ts';
import { isRedisTrouble } from '../../lib/redis/trouble.ts';
import type { ImportEnding } from '../../lib/schedule/importer.ts';
import { listRunsAsTheyStand, reasonOfEnd } from '../../lib/schedule/runs-as-they-stand.ts';
import type { VersionedRun } from '../../lib/schedule/schedule-store.ts';
import { TOP_ERRORS } from '../upkeep/send-batch-notices.ts';
import { reportSkipped } from './report-skipped.ts';
import type { ScheduleContext } from './schedule-context.ts';

/**
 * Time between two looks at a run that waits, or whose batch is under way: a tenth of the time it has taken so far.
 */
const SHORTEST_LOOK_MS = 5_000;
const LONGEST_LOOK_MS = 60_000;
const DONE: JobResult = { kind: 'done' };

type Reason = NonNullable<ScheduleRun['reason']>;
const BATCH_GONE: Reason = { code: 'conflict', sentence: 'Its batch was removed.' };
type Imported = Extract<ImportEnding, { kind: 'imported' }>;

/** Works on a run until it has ended. Each look takes it as far as possible. */
export async function runSchedule(
  context: ScheduleContext,
  schedule: Schedule,
  plannedAtMs: number,
): Promise<JobResult> {
  const found = await context.schedules.readRun(schedule.name, plannedAtMs);
  if (found === null) return DONE;
  const work = new RunWork(context, schedule, found);
  if (!isOpenRun(found.run)) return await work.leave();
  try {
    return await work.look();
  } catch (error) {
    if (isRedisTrouble(error)) throw error;
    // Shutting down: the worker that takes the job continues with the same batch.
    if (context.stopping.aborted) return { kind: 'back' };
    context.log.error({ err: error, schedule: schedule.name, plannedAtMs }, 'scheduled run threw');
    const why = redactUrls(error instanceof Error ? error.message : String(error));
    return await work.end('failed', {
      code: 'internal_error',
      sentence: `kling-sessions failed on this run: ${why}`,
    });
  }
}

/** One run in one worker. If another worker changes it meanwhile, this one looks again later. */
class RunWork {
  readonly #context: ScheduleContext;
  readonly #schedule: Schedule;
  #found: VersionedRun;

  constructor(context: ScheduleContext, schedule: Schedule, found: VersionedRun) {
    this.#context = context;
    this.#schedule = schedule;
    this.#found = found;
  }

  get #run(): ScheduleRun {
    return this.#found.run;
  }

  async look(): Promise<JobResult> {
    if (this.#run.state === 'waiting' && !(await this.#begin())) return this.#later();
    if (this.#run.state === 'importing') return await this.#import();
    return this.#run.state === 'running' ? await this.#follow() : DONE;
  }

  /** A run that has ended. */
  async leave(): Promise<JobResult> {
    await this.#cancelIfReplaced(this.#run);
    return DONE;
  }

  #later(): JobResult {
    const { plannedAtMs, startedAtMs } = this.#run;
    const takenMs = this.#context.batches.now() - (startedAtMs ?? plannedAtMs);
    const delayMs = Math.min(Math.max(takenMs / 10, SHORTEST_LOOK_MS), LONGEST_LOOK_MS);
    return { kind: 'later', delayMs: Math.round(delayMs) };
  }

  /** Takes the run's turn, if it has come; false when there is nothing to do now. */
  async #begin(): Promise<boolean> {
    const { schedules, batches } = this.#context;
    const runs = await listRunsAsTheyStand(schedules, batches.store, this.#schedule.name);
    const decision = decideOverlap(this.#schedule.overlap, this.#run, runs);
    switch (decision.kind) {
      case 'wait':
        return false;
      case 'skip':
        await this.end('skipped', { code: 'overlap', sentence: decision.sentence });
        return true;
      case 'replace':
        await this.#replace(decision.earlier);
        break;
      case 'start':
        break;
    }
    return await this.#advance({
      state: 'importing',
      startedAtMs: batches.now(),
      batchId: runBatchId(this.#schedule, this.#run.plannedAtMs),
      comparedWith: this.#schedule.only === null ? [] : seriesBefore(this.#run, runs),
    });
  }

  /** Ends earlier runs so that this one can begin. */
  async #replace(earlier: readonly ScheduleRun[]): Promise<void> {
    const { schedules, batches } = this.#context;
    const { name } = this.#schedule;
    for (const { plannedAtMs, batchId } of earlier) {
      if (batchId !== null) {
        const batch = await batches.store.readBatch(batchId);
        if (batch !== null) {
          await cancelBatch(batches, batch, this.#replacing);
          continue;
        }
      }
      const found = await schedules.readRun(name, plannedAtMs);
      if (found === null || !isOpenRun(found.run)) continue;
      const reason: Reason = { code: 'cancelled', sentence: 'The next run took its place.' };
      await schedules.swapRun(name, found.version, {
        ...found.run,
        state: 'skipped',
        finishedAtMs: batches.now(),
        reason,
      });
    }
  }

  async #import(): Promise<JobResult> {
    const { importer, stopping } = this.#context;
    const { batchId, startedAtMs } = this.#run;
    if (batchId === null || startedAtMs === null)
      throw new Error('a run is imported without a batch id');
    if (this.#run.manifest === null) {
      const found = await importer.find(this.#schedule, this.#run.plannedAtMs);
      if (found.kind === 'none') return await this.#endWithoutBatch(found.reason);
      // Recorded before it is read: if this worker dies, the next one continues with the same file.
      if (!(await this.#advance({ manifest: found.manifest }))) return this.#later();
    }
    const ending = await importer.import({
      schedule: this.#schedule,
      batchId,
      plannedAtMs: this.#run.plannedAtMs,
      startedAtMs,
      manifest: this.#run.manifest ?? '',
      previousSha256: await this.#previousSha256(),
      comparedWith: this.#run.comparedWith,
      signal: stopping,
    });
    return await this.#afterImport(ending);
  }

  async #afterImport(ending: ImportEnding): Promise<JobResult> {
    switch (ending.kind) {
      case 'none':
        return await this.#endWithoutBatch(ending.reason, ending.manifestSha256);
      case 'not_now':
        return await this.#tryAgain(ending.reason);
      case 'imported':
        return await this.#start(ending);
      case 'interrupted':
        return await this.#endInterrupted(ending.batch);
    }
  }

  /** The reason why nothing moves is also stored, for people who look meanwhile. */
  async #tryAgain(reason: Reason): Promise<JobResult> {
    const { plannedAtMs, startedAtMs } = this.#run;
    const nowMs = this.#context.batches.now();
    const delayMs = decideManifestRetry(nowMs - (startedAtMs ?? nowMs));
    if (delayMs === null) return await this.#endWithoutBatch(reason);
    const { sentence } = reason;
    const fields = { schedule: this.#schedule.name, plannedAtMs, sentence, delayMs };
    this.#context.log.warn(fields, 'manifest not read, trying again');
    await this.#advance({ reason });
    return { kind: 'later', delayMs };
  }

  async #start({ batch, isUnchanged, remarks }: Imported): Promise<JobResult> {
    const { manifestSha256 } = batch;
    if (!(await this.#advance({ state: 'running', reason: null, manifestSha256, isUnchanged }))) {
      return await this.#giveWay();
    }
    const fields = { schedule: this.#schedule.name, batch: batch.id, rows: batch.rows, remarks };
    this.#context.log.info(fields, 'scheduled run started');
    return await this.#follow();
  }

  /** Its manifest is not recorded: the previous manifest is the last one that was read to its end. */
  async #endInterrupted(batch: Batch | null): Promise<JobResult> {
    if (batch === null) return await this.end('failed', BATCH_GONE);
    const why = reasonOfEnd(batch)?.sentence ?? 'Its batch was cancelled.';
    const { counts } = batch;
    const sentence = `${why} ${explainUnread(batch) ?? ''}`;
    return await this.end('finished', { code: 'cancelled', sentence }, { counts });
  }

  /**
   * Another process changed the run during its import: the next run, which then took its place, or another worker.
   */
  async #giveWay(): Promise<JobResult> {
    const { name } = this.#schedule;
    const found = await this.#context.schedules.readRun(name, this.#run.plannedAtMs);
    if (found !== null) await this.#cancelIfReplaced(found.run);
    return this.#later();
  }

  /** The batch of a replaced run may have been created only then, even by a worker that died right after it. */
  async #cancelIfReplaced({ state, reason, batchId }: ScheduleRun): Promise<void> {
    if (state !== 'skipped' || reason?.code !== 'cancelled' || batchId === null) return;
    const { batches } = this.#context;
    const batch = await batches.store.readBatch(batchId);
    if (batch !== null && !isEnded(batch.state)) await cancelBatch(batches, batch, this.#replacing);
  }

  get #replacing(): Act {
    return { who: `schedule ${this.#schedule.name}`, reason: 'its next run began' };
  }

  /**
   * From the manifest that the previous run read. A cancelled batch is not finished, so its manifest does not count
   * as unchanged.
   */
  async #previousSha256(): Promise<string | null> {
    const { schedules, batches } = this.#context;
    const runs = await listRunsAsTheyStand(schedules, batches.store, this.#schedule.name);
    const before = runs.find(
      ({ plannedAtMs, manifestSha256, reason }) =>
        plannedAtMs < this.#run.plannedAtMs &&
        manifestSha256 !== null &&
        reason?.code !== 'cancelled',
    );
    return before?.manifestSha256 ?? null;
  }

  /** Checks whether the batch has ended. */
  async #follow(): Promise<JobResult> {
    const batch = await this.#context.batches.store.readBatch(this.#run.batchId ?? '');
    if (batch === null) return await this.end('failed', BATCH_GONE);
    if (!isEnded(batch.state)) return this.#later();
    const result = await this.end('finished', reasonOfEnd(batch), {
      finishedAtMs: batch.finishedAtMs ?? this.#context.batches.now(),
      counts: batch.counts,
    });
    await this.#reportRecovered(batch);
    return result;
  }

  async #reportRecovered(batch: Batch): Promise<void> {
    const { schedules, batches, notices } = this.#context;
    // The previous run may have ended badly without being recorded yet.
    const runs = await listRunsAsTheyStand(schedules, batches.store, this.#schedule.name);
    if (!hasRecovered(this.#run, runs)) return;
    const errors = await batches.store.readErrors(batch.id, TOP_ERRORS);
    const { notify } = this.#schedule;
    await notices.send({ kind: 'recovered', batch, errors, notify });
  }

  async #endWithoutBatch(reason: Reason, manifestSha256: string | null = null): Promise<JobResult> {
    const isOurs = reason.code === 'conflict';
    const given = { manifestSha256, batchId: isOurs ? this.#run.batchId : null };
    return await this.end(isOurs ? 'failed' : 'skipped', reason, given);
  }

  async end(
    state: RunState,
    reason: Reason | null,
    given: Partial<ScheduleRun> = {},
  ): Promise<JobResult> {
    const finishedAtMs = this.#context.batches.now();
    if (!(await this.#advance({ finishedAtMs, ...given, state, reason }))) return this.#later();
    await reportSkipped(this.#context, this.#schedule, this.#run);
    return DONE;
  }

  /** False when another process has changed the run. */
  async #advance(change: Partial<ScheduleRun>): Promise<boolean> {
    const next = { ...this.#run, ...change };
    const { name } = this.#schedule;
    const swapped = await this.#context.schedules.swapRun(name, this.#found.version, next);
    if (swapped !== null) this.#found = swapped;
    return swapped !== null;
  }
}
