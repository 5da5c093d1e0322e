import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { Redis } from 'ioredis';
import { type Logger, pino } from 'pino';
import { onTestFinished } from 'vitest';
import { machineZone } from '../../../src/cli/options/machine-zone.ts';
import { ProducerImports } from '../../../src/cli/wiring/manifest-imports.ts';
import type { Access } from '../../../src/dashboard/auth/access.ts';
import { LoginLimit } from '../../../src/dashboard/auth/login-limit.ts';
import type { ProxyLogin } from '../../../src/dashboard/auth/proxy-login.ts';
import { SessionStore } from '../../../src/dashboard/auth/session-store.ts';
import { type UserEntry, usersOf } from '../../../src/dashboard/auth/users.ts';
import type { Installation } from '../../../src/dashboard/dashboard-env.ts';
import type { DashboardPorts } from '../../../src/dashboard/ports.ts';
import { type Dashboard, startDashboard } from '../../../src/dashboard/start-dashboard.ts';
import { UploadStore } from '../../../src/dashboard/uploads/upload-store.ts';
import { BatchActivity } from '../../../src/lib/activity/batch-activity.ts';
import { RedisActivityLog } from '../../../src/lib/activity/redis-activity-log.ts';
import { Timeline } from '../../../src/lib/activity/timeline.ts';
import { BulkStore } from '../../../src/lib/bulk/bulk-store.ts';
import { type Arrangements, NO_ARRANGEMENTS } from '../../../src/lib/core/batch/batch.ts';
import { CopyStateStore } from '../../../src/lib/database/copy-state-store.ts';
import { RedisGateStore } from '../../../src/lib/gate/redis-gate-store.ts';
import { IdempotencyStore } from '../../../src/lib/idempotency/idempotency-store.ts';
import { readInstallation } from '../../../src/lib/metrics/installation.ts';
import { Metrics } from '../../../src/lib/metrics/metrics.ts';
import type { TrustedProxies } from '../../../src/lib/network/trusted-proxies.ts';
import { EveryQueue } from '../../../src/lib/queue/every-queue.ts';
import { Queues } from '../../../src/lib/queue/queues.ts';
import { ScheduleQueue } from '../../../src/lib/queue/schedule-queue.ts';
import { readinessOf } from '../../../src/lib/redis/readiness.ts';
import { RedisScheduleStore } from '../../../src/lib/schedule/redis-schedule-store.ts';
import { readSettings } from '../../../src/lib/settings/read-settings.ts';
import { AuditLog } from '../../../src/lib/store/redis/audit-log.ts';
import { RedisBatchOverview } from '../../../src/lib/store/redis/redis-batch-overview.ts';
import { RedisBatchRepair } from '../../../src/lib/store/redis/redis-batch-repair.ts';
import { RedisLedger } from '../../../src/lib/store/redis/redis-ledger.ts';
import { listWorkers, sendHeartbeat } from '../../../src/lib/store/redis/worker-registry.ts';
import { TokenStore } from '../../../src/lib/tokens/token-store.ts';
import { draft } from '../../contract/batch-store/examples.ts';
import { testRedisUrl } from '../../setup/redis/redis.ts';
import { SteeringBench } from '../store/steering-bench.ts';

interface LabOptions {
  now?: () => number;
  /** Who may log in; without it, every user is an operator called anna. */
  users?: readonly UserEntry[];
  trustsProxy?: boolean;
  proxies?: TrustedProxies;
  /** People log in at a reverse proxy. */
  login?: ProxyLogin;
  installation?: Installation;
  maxUploadBytes?: number;
  log?: Logger;
}

const SILENT = pino({ level: 'silent' });

/** A dashboard with its own batch store, which everyone may use as an operator. */
export class DashboardLab {
  readonly bench = new SteeringBench();
  readonly queues = new Queues(this.bench.redis, this.bench.keys);
  readonly everyQueue = new EveryQueue(this.bench.redis, this.bench.keys);
  readonly scheduleQueue = new ScheduleQueue(this.bench.redis, this.bench.keys);
  readonly activity = new RedisActivityLog(this.bench.redis, this.bench.keys);
  #dashboard: Dashboard | undefined;

  readonly schedules = new RedisScheduleStore(this.bench.redis, this.bench.keys);
  readonly audit = new AuditLog(this.bench.redis, this.bench.keys);
  readonly batchActivity = new BatchActivity(this.bench.redis, this.bench.keys);
  readonly timeline = new Timeline(this.bench.redis, this.bench.keys);
  readonly bulk = new BulkStore(this.bench.redis, this.bench.keys);
  readonly tokens = new TokenStore(this.bench.redis, this.bench.keys);
  readonly idempotency = new IdempotencyStore(this.bench.redis, this.bench.keys);

  get url(): string {
    return this.#dashboard?.url ?? '';
  }

  static async open(options: LabOptions = {}): Promise<DashboardLab> {
    const lab = new DashboardLab();
    const ports = await lab.#ports(options);
    const dashboard = await startDashboard({
      ports,
      access: lab.#access(options),
      proxies: options.proxies ?? { kind: options.trustsProxy ? 'all' : 'none' },
      installation: options.installation ?? { name: null, isPractice: false },
      host: '127.0.0.1',
      port: 0,
    });
    lab.#dashboard = dashboard;
    onTestFinished(async () => {
      await dashboard[Symbol.asyncDispose]();
      await lab.scheduleQueue[Symbol.asyncDispose]();
      await lab.queues[Symbol.asyncDispose]();
      await lab.everyQueue[Symbol.asyncDispose]();
    });
    return lab;
  }

  #access({ users, login, now = Date.now, log = SILENT }: LabOptions): Access {
    const { tokens } = this;
    if (login !== undefined) return { kind: 'proxy', login, tokens };
    if (users === undefined) {
      return { kind: 'open', tokens, user: { name: 'anna', role: 'operator' } };
    }
    const sessions = new SessionStore(this.bench.redis, this.bench.keys);
    const limit = new LoginLimit(now, log);
    return { kind: 'login', tokens, users: usersOf(users), sessions, limit };
  }

  async #ports({ now = Date.now, maxUploadBytes }: LabOptions): Promise<DashboardPorts> {
    const { bench, queues, everyQueue, activity, schedules, scheduleQueue, audit, tokens } = this;
    const { redis, keys, store, overview, steering, feed } = bench;
    const { rowIndex, keyIndex, searchIndex } = bench;
    const subscriber = new Redis(testRedisUrl());
    onTestFinished(() => subscriber.disconnect());
    const sources = {
      store,
      overview,
      steering,
      rowIndex,
      keyIndex,
      searchIndex,
      feed,
      copyState: new CopyStateStore(redis, keys),
      activity,
      queues,
      everyQueue,
      batchActivity: this.batchActivity,
      timeline: this.timeline,
      bulk: this.bulk,
      // A test decides when they are carried out.
      wakeBulk: () => undefined,
      gateStore: await RedisGateStore.open(redis, subscriber, keys),
      audit,
      tokens,
      idempotency: this.idempotency,
      schedules,
      scheduleQueue,
      machineZone,
      listWorkers: () => listWorkers(redis, keys),
      ownLimits: { concurrency: 5, ratePerSecond: 0, sessionsPerDay: 0 },
      now,
    };
    const read = () => readInstallation(sources);
    const log = pino({ level: 'silent' });
    return {
      ...sources,
      metrics: new Metrics({ version: '0.0.0', read, now }),
      readiness: readinessOf(redis, new AbortController().signal),
      version: '0.0.0',
      uploads: await this.#uploads(maxUploadBytes),
      manifests: this.#manifests(log),
      log,
    };
  }

  #manifests(log: Logger): ProducerImports {
    const read = readSettings({ REDIS_URL: testRedisUrl() });
    if (!read.ok) throw new Error(read.problems.join());
    const { store, steering, rowIndex, keyIndex, redis, keys } = this.bench;
    const repair = new RedisBatchRepair(redis, keys);
    const overview = new RedisBatchOverview(redis, keys, store);
    const ledger = new RedisLedger(redis, keys, store);
    const shared = { store, overview, ledger, steering, rowIndex, keyIndex, redis, keys };
    const stores = { ...shared, repair, queues: this.queues };
    const desk = new ProducerImports(read.settings, stores, log);
    onTestFinished(() => desk[Symbol.asyncDispose]());
    return desk;
  }

  async #uploads(maxBytes = 1_000_000): Promise<UploadStore> {
    const uploads = await UploadStore.open(maxBytes, Date.now);
    onTestFinished(() => uploads[Symbol.asyncDispose]());
    return uploads;
  }

  /** Requests without a browser's headers, like a program. */
  async ask(
    path: string,
    method = 'GET',
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const isChange = body !== undefined;
    return await fetch(new URL(path, this.url), {
      method,
      headers: { ...headers, ...(isChange && { 'content-type': 'application/json' }) },
      ...(isChange && { body: JSON.stringify(body) }),
    });
  }

  /** Sends the log-in form like a browser, with headers that a proxy would add. */
  async logIn(
    name: string,
    password: string,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const opened = await fetch(new URL('/login', this.url), { headers });
    const [cookie = ''] = (opened.headers.get('set-cookie') ?? '').split(';');
    const body = new URLSearchParams({ _csrf: tokenIn(await opened.text()), name, password });
    const scheme = headers['x-forwarded-proto'] ?? 'http';
    const origin = this.url.replace(/^http/, scheme);
    const own = { cookie, origin, accept: 'text/html' };
    return await fetch(new URL('/login', this.url), {
      method: 'POST',
      body,
      headers: { ...own, ...headers },
      redirect: 'manual',
    });
  }

  /** Opens a page like a browser. */
  async look(path: string): Promise<Response> {
    return await fetch(new URL(path, this.url), { headers: { accept: 'text/html' } });
  }

  /** Sends a form of `page` like a browser without JavaScript. */
  async submit(
    page: string,
    action: string,
    fields: Record<string, string> | URLSearchParams,
  ): Promise<Response> {
    const { cookie, token } = await this.#openForm(page);
    const body = new URLSearchParams(fields);
    body.set('_csrf', token);
    return await this.#post(action, cookie, body);
  }

  /** The same with the upload page's form. */
  async submitFile(content: string | Uint8Array<ArrayBuffer>, proof?: string): Promise<Response> {
    const { cookie, token } = await this.#openForm('/upload');
    const form = new FormData();
    form.set('_csrf', proof ?? token);
    form.set('file', new Blob([content]), 'night.csv');
    return await this.#post('/upload', cookie, form);
  }

  async #openForm(page: string): Promise<{ cookie: string; token: string }> {
    const opened = await this.look(page);
    const [cookie = ''] = (opened.headers.get('set-cookie') ?? '').split(';');
    return { cookie, token: tokenIn(await opened.text()) };
  }

  async #post(action: string, cookie: string, body: URLSearchParams | FormData): Promise<Response> {
    return await fetch(new URL(action, this.url), {
      method: 'POST',
      body,
      headers: { cookie, origin: this.url, accept: 'text/html' },
      redirect: 'manual',
    });
  }

  /** Sends a file like a program; a stream has no length in advance. */
  async sendFile(
    path: string,
    content: string | Uint8Array | ReadableStream<Uint8Array>,
    type = 'application/octet-stream',
  ): Promise<Response> {
    return await fetch(new URL(path, this.url), {
      method: 'POST',
      body: content,
      headers: { 'content-type': type },
      duplex: 'half',
    } as RequestInit);
  }

  /** A batch that has no rows yet. */
  async openBatch(id: string, arrangements: Partial<Arrangements>): Promise<void> {
    const own = { id, identity: id, arrangements: { ...NO_ARRANGEMENTS, ...arrangements } };
    await this.bench.store.openBatch(draft(own), Date.now());
  }

  /** A POST with exactly these headers; `fetch` would add more. */
  async send(
    path: string,
    headers: Record<string, string>,
    body: string,
  ): Promise<{ status: number | undefined; text: string }> {
    const url = new URL(path, this.url);
    const json = { 'content-type': 'application/json' };
    const sent = request(url, { method: 'POST', headers: { ...json, ...headers } });
    const [response] = (await Promise.all([once(sent, 'response'), sent.end(body)]))[0];
    return { status: response.statusCode, text: await text(response) };
  }

  async addWorker(): Promise<void> {
    await sendHeartbeat(this.bench.redis, this.bench.keys, {
      id: 'worker-1',
      host: 'here',
      pid: 4711,
      startedAtMs: Date.now(),
      limits: { concurrency: 7, ratePerSecond: 0, sessionsPerDay: 0 },
    });
  }
}

/** The values that a page sends back with every change. */
const tokenIn = (page: string): string => /name="_csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';

/** A client that knows these sends them with each request. */
export const basic = (name: string, password: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
});
