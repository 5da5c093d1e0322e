import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRedisServer } from '../../../scripts/install/redis.mjs';
import { killAtExit } from './kill-at-exit.ts';

const startTimeoutMs = 60_000;
const readyMessage = 'Ready to accept connections';

/** Another process may take a free port before it is used, so several are tried. */
const portAttempts = 5;

/** What the program requires of any Redis: no eviction, every write on disk within a second. */
export const redisSettings: readonly string[] = [
  ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''],
  ...['--maxmemory-policy', 'noeviction', '--hash-max-listpack-value', '1024'],
];

/** A private Redis server, on a free loopback port, with its data in a temporary folder. */
export interface PrivateRedis extends AsyncDisposable {
  /** `redis://127.0.0.1:<port>`; the same again after `restart`. */
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  /** Sends a signal without waiting, for instance SIGSTOP and SIGCONT for a server that hangs. */
  signal(name: NodeJS.Signals): void;
  /** Kills the process and resolves once it has ended. The data stay. May run twice. */
  kill(name?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and data, after `kill`. */
  restart(): Promise<void>;
}

/**
 * @param settings further arguments of redis-server, such as `['--maxmemory', '10mb']`; they win over
 * `redisSettings`.
 * @throws when there is no redis-server or valkey-server on the PATH, or it does not start.
 */
export async function startPrivateRedis(settings: readonly string[] = []): Promise<PrivateRedis> {
  const program = findRedisServer(process.env.PATH);
  if (program === undefined) {
    throw new Error('No redis-server or valkey-server on the PATH; `npm run setup` installs one.');
  }
  const folder = await mkdtemp(join(tmpdir(), 'kling-redis-'));
  const start = (port: number) => startServer(program, port, folder, settings);
  try {
    const { port, server } = await startOnFreePort(start);
    return new LocalRedis(port, folder, server, start);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

class LocalRedis implements PrivateRedis {
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  #server: ChildProcess;
  readonly #start: (port: number) => Promise<ChildProcess>;

  constructor(
    port: number,
    folder: string,
    server: ChildProcess,
    start: (port: number) => Promise<ChildProcess>,
  ) {
    this.url = `redis://127.0.0.1:${port}`;
    this.port = port;
    this.folder = folder;
    this.#server = server;
    this.#start = start;
  }

  signal(name: NodeJS.Signals): void {
    this.#server.kill(name);
  }

  async kill(name: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (hasExited(this.#server)) return;
    const exited = once(this.#server, 'exit');
    this.#server.kill(name);
    await exited;
  }

  async restart(): Promise<void> {
    await this.kill();
    this.#server = await this.#start(this.port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function startOnFreePort(
  start: (port: number) => Promise<ChildProcess>,
  attempt = 1,
): Promise<{ port: number; server: ChildProcess }> {
  const port = await findFreePort();
  try {
    return { port, server: await start(port) };
  } catch (error) {
    if (attempt === portAttempts || !String(error).includes('Address already in use')) throw error;
    return startOnFreePort(start, attempt + 1);
  }
}

/** A loopback port; another process may take it before it is used. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('not a TCP address');
  return address.port;
}

/** Resolves once the server accepts connections; it dies with this process. */
async function startServer(
  program: string,
  port: number,
  folder: string,
  settings: readonly string[],
): Promise<ChildProcess> {
  const address = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder];
  const args = [...address, ...redisSettings, ...settings];
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  killAtExit(server);
  try {
    await waitUntilReady(server);
  } catch (error) {
    server.kill('SIGKILL');
    throw error;
  }
  return server;
}

function waitUntilReady(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    const fail = (reason: string) => reject(new Error(`redis-server ${reason}:\n${log}`));
    setTimeout(() => fail('did not become ready'), startTimeoutMs).unref();
    // Read to the end, as a full pipe would stop the server; kept only until it is ready.
    const read = (text: string) => {
      if (log.includes(readyMessage)) return;
      log += text;
      if (log.includes(readyMessage)) resolve();
    };
    server.stdout?.setEncoding('utf8').on('data', read);
    server.stderr?.setEncoding('utf8').on('data', read);
    server.once('error', (error) => fail(error.message));
    server.once('close', () => fail('exited'));
  });
}

function hasExited(server: ChildProcess): boolean {
  return server.exitCode !== null || server.signalCode !== null;
}
