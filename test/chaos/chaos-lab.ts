import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStores, type Stores } from '../../src/cli/wiring/stores.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { type PrivateRedis, startPrivateRedis } from '../setup/redis/private-redis.ts';
import { type LogLine, Victim } from './victim.ts';

const WORKERS = 3;

/** A little of everything, each time a fault has been survived; the practice API's own seed makes it repeatable. */
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
  hasPowerCuts: boolean;
  tell: (line: string) => void;
}

/** Redis, the practice API and three workers, in a folder of their own; and a diary of what was done to them. */
export class ChaosLab implements AsyncDisposable {
  readonly redis: PrivateRedis;
  readonly sandbox: Sandbox;
  readonly folder: string;
  /** Whether Redis may lose a second: sessions opened in it may then be unknown to everybody. */
  readonly hasPowerCuts: boolean;
  readonly workers: Victim[] = [];
  readonly #retired: Victim[] = [];
  readonly #settings: Record<string, string>;
  readonly #startedAtMs = Date.now();
  readonly diary: string[] = [];
  readonly #tell: (line: string) => void;

  private constructor(
    redis: PrivateRedis,
    sandbox: Sandbox,
    folder: string,
    { tell, hasPowerCuts }: LabOptions,
  ) {
    this.redis = redis;
    this.sandbox = sandbox;
    this.folder = folder;
    this.#tell = tell;
    this.hasPowerCuts = hasPowerCuts;
    this.#settings = {
      REDIS_URL: redis.url,
      API_BASE_URL: sandbox.apiBaseUrl,
      COMETAPI_KEY: 'sandbox-key',
      API_CONCURRENCY: '16',
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

  /** Every write of this Redis is on disk before it is answered: what it loses then is nobody's fault but ours. */
  static async open(options: LabOptions): Promise<ChaosLab> {
    const redis = await startPrivateRedis(['--appendfsync', 'always']);
    const sandbox = await startSandbox({
      port: 0,
      validate: false,
      latencyMs: { min: 20, max: 150 },
    });
    sandbox.setScenario(faultsOfTheApi(options.seed));
    const folder = await mkdtemp(join(tmpdir(), 'kling-chaos-'));
    return new ChaosLab(redis, sandbox, folder, options);
  }

  note(line: string): void {
    const atS = ((Date.now() - this.#startedAtMs) / 1_000).toFixed(1).padStart(7);
    this.diary.push(`${atS} s  ${line}`);
    this.#tell(this.diary.at(-1) ?? '');
  }

  spawn(args: string[]): Victim {
    return new Victim(args, this.folder, this.#settings);
  }

  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.folder, name), text);
  }

  /** So many workers as there should be; those that ended are replaced. */
  fillWorkers(): void {
    for (const worker of this.workers.filter(({ hasExited }) => hasExited)) {
      this.#retired.push(worker);
      this.workers.splice(this.workers.indexOf(worker), 1);
    }
    while (this.workers.length < WORKERS) this.workers.push(this.spawn(['worker']));
  }

  /** Everything any worker has logged, by message. */
  saidByWorkers(): Map<string, number> {
    const total = new Map<string, number>();
    for (const { said } of [...this.#retired, ...this.workers]) {
      for (const [message, times] of said) total.set(message, (total.get(message) ?? 0) + times);
    }
    return total;
  }

  /** Lines that a person is meant to look at. */
  complaints(): LogLine[] {
    return [...this.#retired, ...this.workers]
      .flatMap(({ log }) => log)
      .filter(({ level, msg }) => level >= 50 && msg !== 'gate blocked');
  }

  openStores(): Promise<Stores> {
    return openStores({ REDIS_URL: this.redis.url }, { name: 'chaos', patience: 'impatient' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const worker of this.workers) {
      worker.signal('SIGCONT');
      await worker.end('SIGKILL');
    }
    await this.sandbox.close();
    this.redis.signal('SIGCONT');
    await this.redis[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}
