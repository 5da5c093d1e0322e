import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStores, type Stores } from '../../src/library/wiring/stores.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import {
  CALLS_AT_ONCE,
  emptyReport,
  type Failover,
  type PhaseReport,
} from './check/phase-report.ts';
import { asCsv, makeRows } from './make-rows.ts';
import type { LabRedis, LabServer, RedisKind } from './redis/lab-redis.ts';
import { openLabRedis } from './redis/open-lab-redis.ts';
import type { SeededRandom } from './seeded-random.ts';
import { type LogLine, Victim } from './victim.ts';

const DAY_MS = 86_400_000;
/**
 * How wrong the clock of each worker is. There is one of each, because a row that waits for its next attempt uses the
 * clock of its last worker.
 */
const CLOCK_SHIFTS_MS = [0, DAY_MS, -DAY_MS] as const;
const SHIFT_CLOCK = new URL('./shift-clock.mjs', import.meta.url).href;

const UNAVAILABLE = 75;
const MOST_TRIES = 10;

/** A mix of everything, in each round that has survived a fault; the practice API's own seed makes it repeatable. */
const faultsOfTheApi = (seed: number) => ({
  seed,
  rules: [
    { name: 'server error', when: { share: 0.04 }, do: { status: 503 } },
    { name: 'too fast', when: { share: 0.003 }, do: { code: 1302 } },
    {
      name: 'retry after',
      when: { share: 0.001 },
      do: { status: 429, headers: { 'Retry-After': '1' } },
    },
    { name: 'lost', when: { share: 0.03 }, do: { reset: 'after' } },
    { name: 'never sent', when: { share: 0.02 }, do: { reset: 'before' } },
    { name: 'hanging', when: { share: 0.01 }, do: { hang: 'after' } },
    { name: 'cut', when: { share: 0.02 }, do: { half: true } },
    { name: 'slow', when: { share: 0.05 }, do: { delayMs: { min: 300, max: 1_500 } } },
  ],
});

export interface LabOptions {
  seed: number;
  /** Of one manifest. */
  rows: number;
  hasPowerCuts: boolean;
  redis: RedisKind;
  tell: (line: string) => void;
}

/** When Redis is back, a worker has connected again, tried again, and stored the answers that it held. */
const LONGEST_STORING_MS = 5_000;

interface FailoverTimes extends Omit<Failover, 'hasStoppedWorker'> {
  beganAtMs: number;
  endedAtMs: number;
}

/** Redis, the practice API and three workers in one folder, and what has happened to them. */
export class ChaosLab implements AsyncDisposable {
  readonly redis: LabRedis;
  readonly sandbox: Sandbox;
  readonly folder: string;
  /** Whether Redis may lose a second: sessions opened in it may then be unknown. */
  readonly hasPowerCuts: boolean;
  readonly workers: Victim[] = [];
  readonly #rows: number;
  #manifests = 0;
  readonly #shiftsMs = new Map<Victim, number>();
  readonly #retired: Victim[] = [];
  readonly #settings: Record<string, string>;
  readonly #startedAtMs = Date.now();
  readonly phase: PhaseReport;
  readonly #failovers: FailoverTimes[] = [];
  readonly #tell: (line: string) => void;
  /** Of the last look at Redis. */
  #epoch: number;
  #strike = { what: 'nothing', firstCall: 1, beganAtMs: Date.now() };

  private constructor(
    redis: LabRedis,
    epoch: number,
    sandbox: Sandbox,
    folder: string,
    { tell, hasPowerCuts, rows }: LabOptions,
  ) {
    this.redis = redis;
    this.#epoch = epoch;
    this.phase = emptyReport(redis.kind);
    this.sandbox = sandbox;
    this.folder = folder;
    this.#tell = tell;
    this.#rows = rows;
    this.hasPowerCuts = hasPowerCuts;
    this.#settings = {
      REDIS_URL: redis.url,
      API_BASE_URL: sandbox.apiBaseUrl,
      COMETAPI_KEY: 'sandbox-key',
      API_CONCURRENCY: String(CALLS_AT_ONCE),
      API_TIMEOUT: '2s',
      RETRY_PAUSE: '50ms',
      THROTTLE_PAUSE: '100ms',
      GATE_PAUSE: '300ms',
      SHUTDOWN_GRACE: '1s',
      PROBE_CONCURRENCY: '4',
      PROBE_TIMEOUT: '10s',
      PROBE_ALLOW_HOSTS: new URL(sandbox.url).host,
    };
  }

  static async open(options: LabOptions): Promise<ChaosLab> {
    const redis = await openLabRedis(options.redis);
    const sandbox = await startSandbox({
      port: 0,
      validate: false,
      latencyMs: { min: 20, max: 150 },
    });
    sandbox.setScenario(faultsOfTheApi(options.seed));
    const folder = await mkdtemp(join(tmpdir(), 'kling-chaos-'));
    return new ChaosLab(redis, await redis.readEpoch(), sandbox, folder, options);
  }

  note(line: string): void {
    const atS = ((Date.now() - this.#startedAtMs) / 1_000).toFixed(1).padStart(7);
    this.#tell(`${atS} s  ${line}`);
  }

  /** Does something to the server that has the rows, and waits until Redis is well again. */
  async strikePrimary(what: string, strike: (primary: LabServer) => Promise<void>): Promise<void> {
    const { totalCalls, inFlight } = this.sandbox.ledger();
    // A replica that takes over has the records of all calls before these, and perhaps not those of later ones.
    await this.redis.untilWell();
    await this.noticeFailover();
    this.#strike = { what, firstCall: totalCalls - inFlight + 1, beganAtMs: Date.now() };
    const before = await this.redis.findPrimary();
    this.note(what);
    await strike(before);
    await this.redis.untilWell();
    const isReplaced = await this.noticeFailover();
    this.note(`Redis is there again${isReplaced ? ', with another primary' : ''}`);
  }

  /**
   * Notes that the primary was replaced since the last look. A primary that was frozen may come back, and be replaced
   * after all a moment later.
   */
  async noticeFailover(): Promise<boolean> {
    const epoch = await this.redis.readEpoch();
    if (epoch === this.#epoch) return false;
    this.#epoch = epoch;
    const { totalCalls } = this.sandbox.ledger();
    this.#failovers.push({ ...this.#strike, endedAtMs: Date.now(), lastCall: totalCalls });
    return true;
  }

  get failovers(): Failover[] {
    const exitTimesMs = [...this.#retired, ...this.workers].flatMap(
      ({ exitedAtMs }) => exitedAtMs ?? [],
    );
    return this.#failovers.map(({ beganAtMs, endedAtMs, ...failover }) => {
      const storedAtMs = endedAtMs + LONGEST_STORING_MS;
      const hasStoppedWorker = exitTimesMs.some((ms) => ms >= beganAtMs && ms <= storedAtMs);
      return { ...failover, hasStoppedWorker };
    });
  }

  /** Whether Redis may lose what it has confirmed. */
  get mayLoseWrites(): boolean {
    return this.hasPowerCuts || this.redis.kind !== 'server';
  }

  /** Of every process that is started from now on. */
  configure(settings: Record<string, string>): void {
    Object.assign(this.#settings, settings);
  }

  spawn(args: string[], env: Record<string, string> = {}): Victim {
    return new Victim(args, this.folder, { ...this.#settings, ...env });
  }

  /** Replaces the current manifest by a new one with other videos. */
  async writeManifest(random: SeededRandom): Promise<void> {
    this.#manifests += 1;
    const lines = makeRows(this.#rows, this.#manifests, `${this.sandbox.url}/videos`, random);
    await writeFile(join(this.folder, 'rows.csv'), asCsv(lines));
  }

  /** A producer of the current manifest. */
  startImport(batchId: string): Victim {
    return this.spawn(['import', 'rows.csv', '--batch', batchId, '--max-failures', 'off']);
  }

  /** Imports to the end. */
  async import(batchId: string): Promise<void> {
    await this.untilDone(() => this.startImport(batchId));
  }

  async retryCancelled(batchId: string): Promise<void> {
    await this.untilDone(() => this.spawn(['retry', batchId, '--status', 'cancelled']));
  }

  /** Follows the exit code: 75 means that Redis was not there in time, so it tries again. */
  async untilDone(start: () => Victim): Promise<Victim> {
    for (let tries = 1; ; tries += 1) {
      const command = start();
      const code = await command.ended();
      if (code === 0) return command;
      if (code !== UNAVAILABLE || tries === MOST_TRIES) {
        throw new Error(`a command ended with ${code}: ${JSON.stringify(command.log)}`);
      }
    }
  }

  /** Replaces workers that ended, up to the intended number. */
  fillWorkers(): void {
    for (const worker of this.workers.filter(({ hasExited }) => hasExited)) {
      this.#retired.push(worker);
      this.workers.splice(this.workers.indexOf(worker), 1);
    }
    const present = new Set(this.workers.map((worker) => this.#shiftsMs.get(worker)));
    for (const shiftMs of CLOCK_SHIFTS_MS.filter((one) => !present.has(one))) {
      this.workers.push(this.#startWorker(shiftMs));
    }
  }

  #startWorker(shiftMs: number): Victim {
    const env = { NODE_OPTIONS: `--import=${SHIFT_CLOCK}`, CHAOS_CLOCK_SHIFT_MS: String(shiftMs) };
    const worker = this.spawn(['worker'], env);
    this.#shiftsMs.set(worker, shiftMs);
    return worker;
  }

  /** Everything any worker has logged, by message. */
  saidByWorkers(): Map<string, number> {
    const total = new Map<string, number>();
    for (const { said } of [...this.#retired, ...this.workers]) {
      for (const [message, times] of said) total.set(message, (total.get(message) ?? 0) + times);
    }
    return total;
  }

  /** Lines that a person should read. */
  complaints(): LogLine[] {
    return [...this.#retired, ...this.workers]
      .flatMap(({ log }) => log)
      .filter(({ level, msg }) => level >= 50 && msg !== 'gate blocked');
  }

  /** Waits for long: a busy machine delays answers. */
  openStores(): Promise<Stores> {
    return openStores({ REDIS_URL: this.redis.url }, { name: 'chaos', patience: 'own' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const worker of this.workers) {
      worker.signal('SIGCONT');
      await worker.end('SIGKILL');
    }
    await this.sandbox.close();
    for (const { redis } of this.redis.servers) redis.signal('SIGCONT');
    await this.redis[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}
