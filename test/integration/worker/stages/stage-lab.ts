import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { handoverOf } from '../../../../src/lib/batch/hand-over.ts';
import { cancelBatch } from '../../../../src/lib/batch/steer-batch.ts';
import type { Batch } from '../../../../src/lib/core/batch/batch.ts';
import type { Outcome } from '../../../../src/lib/core/row/outcome.ts';
import type { RowProgress } from '../../../../src/lib/core/row/row-progress.ts';
import { bearerAuthorizer } from '../../../../src/lib/kling/authorizer.ts';
import { createKlingClient } from '../../../../src/lib/kling/create-kling-client.ts';
import type { RowJob } from '../../../../src/lib/queue/jobs.ts';
import type { JobResult } from '../../../../src/lib/queue/queue-worker.ts';
import type { ImportOptions } from '../../../../src/producer/import-options.ts';
import { openSession } from '../../../../src/worker/stages/open-session.ts';
import { probeRow } from '../../../../src/worker/stages/probe-row.ts';
import { SuspectLane } from '../../../../src/worker/stages/probing/suspect-lane.ts';
import { type RowWork, takeRow } from '../../../../src/worker/stages/work/row-work.ts';
import type { WorkerContext } from '../../../../src/worker/worker-context.ts';
import { ACT, NO_LIMIT, Workshop } from '../../steering/workshop.ts';
import { ScriptedApi } from './scripted-api.ts';

const BATCH_ID = 'nightly';

interface LabOptions {
  /** Text of a list or a CSV file. Default: one video. */
  manifest?: string;
  options?: Partial<ImportOptions>;
}

/** One stage at a time, called by hand: a real Redis, and the real client talking to an API on loopback. */
export class StageLab {
  readonly workshop: Workshop;
  readonly api: ScriptedApi;
  readonly context: WorkerContext;
  readonly log: Record<string, unknown>[];
  readonly suspects = new SuspectLane();

  private constructor(workshop: Workshop, api: ScriptedApi, context: WorkerContext) {
    this.workshop = workshop;
    this.api = api;
    this.log = [];
    const write = (line: string): void => {
      this.log.push(JSON.parse(line));
    };
    this.context = { ...context, log: pino({ level: 'debug' }, { write }) };
  }

  static async open({
    manifest = 'https://v.example/1.mp4',
    options = {},
  }: LabOptions = {}): Promise<StageLab> {
    const workshop = await Workshop.open();
    const api = await ScriptedApi.start();
    const kling = createKlingClient({
      baseUrl: api.baseUrl,
      authorizer: bearerAuthorizer('test-key'),
      concurrency: 4,
    });
    onTestFinished(async () => {
      await kling[Symbol.asyncDispose]();
      await api[Symbol.asyncDispose]();
    });
    await workshop.importText(BATCH_ID, manifest, options);
    return new StageLab(workshop, api, { ...workshop.context, kling });
  }

  batch(): Promise<Batch> {
    return this.workshop.batch(BATCH_ID);
  }

  async job(row = 1): Promise<RowJob> {
    const rows = (await this.workshop.store.readChunk(BATCH_ID, 0)) ?? [];
    const found = rows.find((one) => one.row === row);
    const handover = found && handoverOf(await this.batch(), found, null);
    if (!handover) throw new Error(`no row ${row}`);
    return handover.job;
  }

  /** Runs the stage `init-selection` once, as a worker of its own. */
  async openSession(row = 1, worker: Partial<WorkerContext> = {}): Promise<JobResult> {
    return await openSession({ ...this.context, ...worker }, await this.job(row));
  }

  /** Runs the stage `probe` once, as a worker of its own. */
  async probeRow(row = 1, worker: Partial<WorkerContext> = {}): Promise<JobResult> {
    return await probeRow({ ...this.context, ...worker }, await this.job(row), this.suspects);
  }

  async take(row = 1): Promise<RowWork> {
    const taken = await takeRow(this.context, await this.job(row));
    if (taken.kind !== 'taken') throw new Error(`row ${row} was let go`);
    return taken.work;
  }

  /** A worker takes a row, begins its call and vanishes. */
  async dieDuringCall(row = 1): Promise<void> {
    const work = await this.take(row);
    const { kind } = await work.beginCall({ firstCallOpenMs: 0 }, NO_LIMIT);
    if (kind !== 'begun') throw new Error('no call was begun');
  }

  /** Null before the row is dispatched, and after it has ended. */
  async progress(row = 1): Promise<RowProgress | null> {
    return (await this.workshop.store.readProgressOf(BATCH_ID, [row])).get(row) ?? null;
  }

  async outcome(row = 1): Promise<Outcome | null> {
    return (await this.workshop.store.readOutcomesOf(BATCH_ID, [row])).get(row) ?? null;
  }

  async cancel(): Promise<void> {
    await cancelBatch(this.workshop, await this.batch(), ACT);
  }

  /** Contradictions between what is stored and what the counters say. */
  problems(): Promise<string[]> {
    return this.workshop.problems(BATCH_ID);
  }
}
