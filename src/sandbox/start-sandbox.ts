import { once, setMaxListeners } from 'node:events';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createAdaptorServer } from '@hono/node-server';
import type { CallContext } from './call.ts';
import { Ledger, type LedgerSnapshot } from './ledger.ts';
import { Limits } from './limits.ts';
import { createSandboxApp } from './sandbox-app.ts';
import { loadBuiltInScenario, loadScenario } from './scenario/load-scenario.ts';
import type { DelayRange } from './scenario/plan-action.ts';
import { parseScenario, type Scenario } from './scenario/scenario.ts';
import { ScenarioPlayer } from './scenario/scenario-player.ts';

export interface SandboxOptions {
  /** 0 to 65535; 0 takes any free port. Default 4280, which `examples/videos.csv` uses. */
  port?: number;
  /** The only accepted key. Default `sandbox-key`. */
  apiKey?: string;
  /** How long a call takes that reaches the video: fixed, or uniformly random. Default 200 to 500. */
  latencyMs?: number | DelayRange;
  /** Calls in progress at once; one more is answered with 1303. Default null: no limit. */
  concurrencyLimit?: number | null;
  /** Calls accepted in any sliding second; one more is answered with 1302. Default null: no limit. */
  ratePerSecond?: number | null;
  /** The name of a built-in scenario or the path of a scenario file. Default: no faults. */
  scenario?: string;
  /** Folder served under `/videos/`. Default: the sample videos. */
  videosDir?: string;
  /** Fetch and check each `video_url`. Default true; false is for throughput measurements. */
  validate?: boolean;
  /** The ffprobe program. Default: the npm package's, otherwise the one on PATH. */
  ffprobePath?: string;
  /** Default 24 h, like Kling's. */
  sessionLifetimeMs?: number;
  /** Milliseconds since 1970; never backwards. Default `Date.now`. */
  now?: () => number;
  /** Uniform in [0, 1). Default `Math.random`. */
  random?: () => number;
}

export interface Sandbox extends AsyncDisposable {
  /** Origin, for example `http://127.0.0.1:4280`. */
  readonly url: string;
  /** The value for `API_BASE_URL`: the origin and `/kling`. */
  readonly apiBaseUrl: string;
  /** What the server has received so far. */
  ledger(): LedgerSnapshot;
  /** The name of a built-in scenario, a scenario as in its file, or null for none. Throws `ScenarioError`. */
  setScenario(scenario: unknown): void;
  /** Cuts calls in flight and frees the port. May run twice. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const DEFAULT_PORT = 4280;
const DEFAULT_LATENCY_MS: DelayRange = { min: 200, max: 500 };
/** Longer than clients keep idle connections, so that this server never closes one that is about to be used. */
const KEEP_ALIVE_TIMEOUT_MS = 120_000;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Works from `src/sandbox` and from `dist/sandbox`. */
const SAMPLE_VIDEOS_DIR = fileURLToPath(new URL('../../examples/videos/', import.meta.url));

/** Rejects with `ScenarioError`, or with a sentence when the port is not available. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const closing = new AbortController();
  // Every call in flight listens.
  setMaxListeners(0, closing.signal);
  const calls = createCallContext(options, closing.signal);
  const play = (scenario: Scenario | null) => {
    calls.player = scenario === null ? null : new ScenarioPlayer(scenario, calls.now());
  };
  const setScenario = (scenario: unknown) => play(understandScenario(scenario));
  if (options.scenario !== undefined) play(loadScenario(options.scenario));

  const app = createSandboxApp({
    calls,
    videosDir: options.videosDir ?? SAMPLE_VIDEOS_DIR,
    sessionLifetimeMs: options.sessionLifetimeMs ?? DAY_MS,
    setScenario,
  });
  const pending = new Set<Promise<unknown>>();
  const server = createAdaptorServer({
    fetch: (request, env) => track(pending, app.fetch(request, env)),
    overrideGlobalObjects: false,
    serverOptions: { keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS },
  }) as Server;
  const port = await listen(server, options.port ?? DEFAULT_PORT);
  const url = `http://${HOST}:${port}`;
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= closeServer(server, closing, pending);
    return closed;
  };
  return {
    url,
    apiBaseUrl: `${url}/kling`,
    ledger: () => calls.ledger.snapshot(),
    setScenario,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function createCallContext(options: SandboxOptions, closing: AbortSignal): CallContext {
  const { latencyMs = DEFAULT_LATENCY_MS, validate = true } = options;
  return {
    apiKey: options.apiKey ?? 'sandbox-key',
    latencyMs: typeof latencyMs === 'number' ? { min: latencyMs, max: latencyMs } : latencyMs,
    ffprobePath: validate ? (options.ffprobePath ?? defaultFfprobePath()) : null,
    ledger: new Ledger(),
    limits: new Limits(options.concurrencyLimit ?? null, options.ratePerSecond ?? null),
    player: null,
    now: options.now ?? Date.now,
    random: options.random ?? Math.random,
    closing,
  };
}

/** The npm package throws on systems without a build; then the one on PATH is used. */
function defaultFfprobePath(): string {
  try {
    return createRequire(import.meta.url)('@ffprobe-installer/ffprobe').path;
  } catch {
    return 'ffprobe';
  }
}

/** Anyone who reaches the server may name built-in scenarios and send their own, but not open files. */
function understandScenario(scenario: unknown): Scenario | null {
  if (scenario === null) return null;
  if (typeof scenario === 'string') return loadBuiltInScenario(scenario);
  return parseScenario(scenario, 'What was sent');
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, HOST);
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Error(
      `Port ${port} is taken by another program. Stop it, or choose another port with --sandbox-port (0 takes any free one).`,
      { cause: error },
    );
  }
  return (server.address() as AddressInfo).port;
}

async function track<T>(pending: Set<Promise<unknown>>, answer: T | Promise<T>): Promise<T> {
  const promise = Promise.resolve(answer);
  pending.add(promise);
  try {
    return await promise;
  } finally {
    pending.delete(promise);
  }
}

/** Waits until what was cut has cleaned up. */
async function closeServer(
  server: Server,
  closing: AbortController,
  pending: ReadonlySet<Promise<unknown>>,
): Promise<void> {
  closing.abort();
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
  await Promise.allSettled(pending);
}
