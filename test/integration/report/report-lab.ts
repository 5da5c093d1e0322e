import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { onTestFinished } from 'vitest';
import { describeReport, type ReportState } from '../../../src/lib/core/report/batch-report.ts';
import { parseAllowHosts } from '../../../src/lib/network/allow-hosts.ts';
import { resolveBySystem } from '../../../src/lib/network/guarded-lookup.ts';
import type { Notice } from '../../../src/lib/notice/notice.ts';
import { JOBS, type ReportJob } from '../../../src/lib/queue/jobs.ts';
import type { JobResult } from '../../../src/lib/queue/queue-worker.ts';
import { ReportQueue } from '../../../src/lib/queue/report-queue.ts';
import { showPlace } from '../../../src/lib/report/delivery/report-place.ts';
import { ReportWriter } from '../../../src/lib/report/delivery/report-writer.ts';
import { RedisBatchWatch } from '../../../src/lib/store/redis/redis-batch-watch.ts';
import {
  type ReportContext,
  writeReportJob,
} from '../../../src/worker/reports/write-report-job.ts';
import { sendBatchNotices } from '../../../src/worker/upkeep/send-batch-notices.ts';
import { ref, withBatch } from '../../contract/batch-store/examples.ts';
import { NOW_MS, opened, SteeringBench } from '../store/steering-bench.ts';

/** A batch of two rows, a folder for its report, and what workers do about it. */
export class ReportLab extends SteeringBench {
  readonly folder: string;
  readonly notices: Notice[] = [];
  readonly reports = new ReportQueue(this.redis, this.keys);
  readonly lines: string[] = [];
  readonly halting = new AbortController();
  readonly context: ReportContext;
  #ended = 0;

  private constructor(folder: string, bounds: { folders: string[]; allowHosts: string }) {
    super();
    this.folder = folder;
    const guard = {
      allowHosts: parseAllowHosts(bounds.allowHosts),
      allowedPorts: [443],
      resolveHost: resolveBySystem,
      allowSetting: 'REPORT_ALLOW_HOSTS',
    };
    this.context = {
      store: this.store,
      watch: new RedisBatchWatch(this.redis, this.keys, this.store),
      writer: new ReportWriter(this.store, { guard, folders: bounds.folders }),
      notices: { send: async (notice) => void this.notices.push(notice) },
      now: () => NOW_MS,
      log: pino({}, { write: (line: string) => this.lines.push(line) }),
      halting: this.halting.signal,
    };
    onTestFinished(async () => {
      await this.reports[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    });
  }

  static async open({ folders = [] as string[], allowHosts = '' } = {}): Promise<ReportLab> {
    const folder = await mkdtemp(join(tmpdir(), 'kling-sessions-reports-'));
    const lab = new ReportLab(folder, { folders, allowHosts });
    await withBatch(lab.store, 2);
    return lab;
  }

  async name(place: string): Promise<boolean> {
    const report = { place, shown: showPlace(place) };
    return await this.steering.setReport(ref('batch-1'), report, NOW_MS);
  }

  /** Ends both rows; each end of the batch is another moment. */
  async endRows(): Promise<void> {
    this.#ended += 1;
    for (const row of [1, 2]) {
      const outcome = opened(`session ${row}, end ${this.#ended}`);
      await this.end(row, { ...outcome, finishedAtMs: NOW_MS + this.#ended });
    }
  }

  /** What the leader does every few seconds. Returns the jobs in the queue. */
  async look(): Promise<ReportJob[]> {
    await sendBatchNotices({ ...this.context, reports: this.reports });
    const ids = await this.redis.lrange(`${this.keys.bullmq}:report:wait`, 0, -1);
    const jobs: ReportJob[] = [];
    for (const id of ids.toReversed()) {
      const data = await this.redis.hget(`${this.keys.bullmq}:report:${id}`, 'data');
      jobs.push(JOBS.report.parse(JSON.parse(data ?? '')));
    }
    return jobs;
  }

  /** The leader's look, and the work on everything that it queued last. */
  async work(attempt = 1): Promise<JobResult | undefined> {
    const job = (await this.look()).at(-1);
    return job && (await writeReportJob(this.context, job, attempt));
  }

  async state(): Promise<ReportState | null> {
    return describeReport(await this.batch());
  }

  async files(): Promise<string[]> {
    return (await readdir(this.folder)).toSorted();
  }

  async read(name: string): Promise<string> {
    return await readFile(join(this.folder, name), 'utf8');
  }

  /** Types of the notices about reports. */
  get told(): string[] {
    return this.notices.flatMap((notice) =>
      notice.kind === 'report_failed' ? [notice.reason] : [],
    );
  }
}
