import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Redis } from 'ioredis';
import pino from 'pino';
import { onTestFinished } from 'vitest';
import { nextTime, type Timing } from '../../../src/lib/core/schedule/planned-times.ts';
import type { Schedule, ScheduleRun } from '../../../src/lib/core/schedule/schedule.ts';
import { parseAllowHosts } from '../../../src/lib/network/allow-hosts.ts';
import { resolveBySystem } from '../../../src/lib/network/guarded-lookup.ts';
import type { Notice } from '../../../src/lib/notice/notice.ts';
import type { JobResult } from '../../../src/lib/queue/queue-worker.ts';
import { Queues } from '../../../src/lib/queue/queues.ts';
import { ReportWriter } from '../../../src/lib/report/delivery/report-writer.ts';
import { RedisScheduleStore } from '../../../src/lib/schedule/redis-schedule-store.ts';
import { createKeys, type Keys } from '../../../src/lib/store/keys.ts';
import { RedisKeyIndex } from '../../../src/lib/store/redis/indexes/redis-key-index.ts';
import { RedisRowIndex } from '../../../src/lib/store/redis/indexes/redis-row-index.ts';
import { RedisBatchOverview } from '../../../src/lib/store/redis/redis-batch-overview.ts';
import { RedisBatchRepair } from '../../../src/lib/store/redis/redis-batch-repair.ts';
import { RedisBatchSteering } from '../../../src/lib/store/redis/redis-batch-steering.ts';
import { RedisBatchStore } from '../../../src/lib/store/redis/redis-batch-store.ts';
import { RedisLedger } from '../../../src/lib/store/redis/redis-ledger.ts';
import { LocalScheduleImporter } from '../../../src/producer/schedules/schedule-importer.ts';
import { sweepSchedules } from '../../../src/worker/schedules/keep-schedules.ts';
import { planSchedule } from '../../../src/worker/schedules/plan-schedule.ts';
import { runSchedule } from '../../../src/worker/schedules/run-schedule.ts';
import type { ScheduleContext } from '../../../src/worker/schedules/schedule-context.ts';
import { outcome, SOURCE } from '../../contract/batch-store/examples.ts';
import { exampleSchedule } from '../../setup/examples/schedule.ts';
import { prefixForTest, testRedisUrl } from '../../setup/redis/redis.ts';

interface Waiting {
  dueMs: number;
  run: () => Promise<JobResult>;
}

const HEADER = 'video_url\n';

/**
 * Workers, a clock that is moved by hand, and a timer that follows that clock as BullMQ's would; everything else is
 * real: the stores in Redis, manifests on disk, imports. The API is not called: rows end when `endBatch` is called.
 */
export class NightLab {
  nowMs = Date.parse('2026-11-01T00:00:00Z');
  readonly notices: Notice[] = [];
  readonly store: RedisBatchStore;
  readonly schedules: RedisScheduleStore;
  readonly context: ScheduleContext;
  readonly folder: string;
  /** The limits for manifests; allows loopback. */
  readonly bounds = {
    guard: {
      allowHosts: parseAllowHosts('127.0.0.1'),
      allowedPorts: [],
      resolveHost: resolveBySystem,
      allowSetting: 'MANIFEST_ALLOW_HOSTS',
    },
    folders: [] as string[],
    maxBytes: 1_048_576,
  };
  readonly redis: Redis;
  readonly keys: Keys;
  readonly #ticks = new Map<string, { timing: Timing; dueMs: number }>();
  readonly #line = new Map<string, Waiting>();

  constructor(redis: Redis, folder: string) {
    const keys = createKeys(prefixForTest());
    const now = (): number => this.nowMs;
    const queues = new Queues(redis, keys);
    const repair = new RedisBatchRepair(redis, keys);
    this.folder = folder;
    this.redis = redis;
    this.keys = keys;
    this.store = new RedisBatchStore(redis, keys);
    this.schedules = new RedisScheduleStore(redis, keys);
    const steering = new RedisBatchSteering(redis, keys);
    this.context = {
      schedules: this.schedules,
      queue: {
        startTicks: async (name, timing) => {
          this.#ticks.set(name, { timing, dueMs: nextTime(timing, this.nowMs) });
        },
        stopTicks: async (name) => {
          this.#ticks.delete(name);
        },
        readNextTick: async (name) => this.#ticks.get(name)?.dueMs ?? null,
        addRun: async (schedule, plannedAtMs) => this.#addRun(schedule, plannedAtMs),
      },
      importer: new LocalScheduleImporter(
        {
          store: this.store,
          overview: new RedisBatchOverview(redis, keys, this.store),
          ledger: new RedisLedger(redis, keys, this.store),
          repair,
          steering,
          rowIndex: new RedisRowIndex(redis, keys),
          keyIndex: new RedisKeyIndex(redis, keys),
          queues,
          now,
          countWorkers: async () => 0,
        },
        this.bounds,
      ),
      writer: new ReportWriter(this.store, this.bounds),
      notices: {
        send: async (notice) => {
          this.notices.push(notice);
        },
      },
      batches: { store: this.store, steering, queues, now },
      log: pino({ level: 'silent' }),
      stopping: new AbortController().signal,
    };
  }

  static async open(): Promise<NightLab> {
    const folder = await mkdtemp(join(tmpdir(), 'nights-'));
    const redis = new Redis(testRedisUrl(), { maxRetriesPerRequest: null });
    onTestFinished(async () => {
      redis.disconnect();
      await rm(folder, { recursive: true, force: true });
    });
    return new NightLab(redis, folder);
  }

  async set(given: Partial<Schedule>): Promise<Schedule> {
    const { manifest: place = 'clips.csv' } = given;
    const manifest = place.startsWith('http:') ? place : join(this.folder, place);
    const schedule = exampleSchedule({ ...given, manifest });
    await this.schedules.set(schedule, this.nowMs);
    await this.context.queue.startTicks(schedule.name, schedule);
    return schedule;
  }

  /** A manifest of these rows' addresses, as if it were changed now. */
  async put(name: string, rows: readonly string[]): Promise<void> {
    await this.putText(name, HEADER + rows.map((row) => `https://v.example/${row}.mp4\n`).join(''));
  }

  async putText(name: string, content: string): Promise<void> {
    const path = join(this.folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    await utimes(path, this.nowMs / 1_000, this.nowMs / 1_000);
  }

  /** Lets time pass with workers running: everything due happens at its time. */
  async passUntil(time: string): Promise<void> {
    const endMs = Date.parse(time);
    for (;;) {
      const next = this.#nextEvent();
      if (next === null || next.dueMs > endMs) break;
      this.nowMs = Math.max(this.nowMs, next.dueMs);
      await next.happen();
    }
    this.nowMs = endMs;
  }

  /** Lets time pass without a worker; workers that start then do all upkeep first. */
  async beAwayUntil(time: string): Promise<void> {
    this.nowMs = Date.parse(time);
    await sweepSchedules(this.context);
  }

  #nextEvent(): { dueMs: number; happen: () => Promise<void> } | null {
    const rings = [...this.#ticks].map(([name, { timing, dueMs }]) => ({
      dueMs,
      happen: async () => {
        this.#ticks.set(name, { timing, dueMs: nextTime(timing, this.nowMs) });
        await planSchedule(this.context, name);
      },
    }));
    const looks = [...this.#line].map(([id, waiting]) => ({
      dueMs: waiting.dueMs,
      happen: () => this.#look(id, waiting),
    }));
    return [...looks, ...rings].toSorted((one, other) => one.dueMs - other.dueMs)[0] ?? null;
  }

  #addRun(schedule: Schedule, plannedAtMs: number): void {
    const id = `${schedule.name}-${plannedAtMs}`;
    if (this.#line.has(id)) return;
    const run = (): Promise<JobResult> => runSchedule(this.context, schedule, plannedAtMs);
    this.#line.set(id, { dueMs: this.nowMs, run });
  }

  async #look(id: string, { run }: Waiting): Promise<void> {
    const result = await run();
    if (result.kind === 'done') this.#line.delete(id);
    else {
      const delayMs = result.kind === 'later' ? result.delayMs : 0;
      this.#line.set(id, { dueMs: this.nowMs + delayMs, run });
    }
  }

  /** Has every row of a batch end, with a session but for those named. */
  async endBatch(batchId: string, failed: readonly number[] = []): Promise<void> {
    const batch = await this.store.readBatch(batchId);
    if (batch === null) return;
    for (let row = 1; row <= batch.rows; row += 1) {
      const error = { code: '1201', message: 'no' };
      const ended = failed.includes(row) ? outcome({ status: 'failed', error }) : outcome();
      const version = (await this.store.readRow(batch, row))?.version ?? '';
      await this.store.recordOutcome(batch, row, version, ended, SOURCE);
    }
  }

  /** Oldest first. */
  async runs(name = 'nightly'): Promise<ScheduleRun[]> {
    return (await this.schedules.listRuns(name)).toReversed();
  }

  /** `planned → started: state` and why, oldest first. */
  async story(name = 'nightly'): Promise<string[]> {
    return (await this.runs(name)).map(({ plannedAtMs, startedAtMs, state, reason }) => {
      const started = startedAtMs === null ? '' : ` → ${shortTime(startedAtMs)}`;
      return `${shortTime(plannedAtMs)}${started}: ${state}${reason === null ? '' : ` (${reason.code})`}`;
    });
  }
}

const shortTime = (timeMs: number): string =>
  new Date(timeMs).toISOString().replace(/^\d+-|(:00)?\.\d+Z$/g, '');
