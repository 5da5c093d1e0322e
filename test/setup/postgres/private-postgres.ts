import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { findPostgresProgram } from '../../../scripts/install/postgres.mjs';
import { killAtExit } from '../redis/kill-at-exit.ts';
import { findFreePort } from '../redis/private-redis.ts';

const run = promisify(execFile);
const START_MS = 60_000;

/** Whom a program of PostgreSQL runs as: none of them does as root. Empty for anybody else. */
export const asOrdinaryUser: { uid?: number; gid?: number } =
  process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
}

export function postgresProgram(name: string): string {
  const program = findPostgresProgram(name, process.env.PATH);
  if (program === undefined) throw new Error(`No ${name}; \`npm run check\` installs PostgreSQL.`);
  return program;
}

/** A temporary folder that an ordinary user may write to. */
export async function makeFolder(prefix: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  const { uid, gid } = asOrdinaryUser;
  if (uid !== undefined && gid !== undefined) await chown(folder, uid, gid);
  return folder;
}

/** A server of its own on a free loopback port, whose user `owner` with the password `secret` may do everything. */
export class PrivatePostgres implements AsyncDisposable {
  readonly port: number;
  readonly folder: string;
  /** Those of the next start. */
  settings: readonly string[];
  #server: ChildProcess | null = null;

  private constructor(port: number, folder: string, settings: readonly string[]) {
    this.port = port;
    this.folder = folder;
    this.settings = settings;
  }

  /** @param settings such as `['work_mem=8MB']`. */
  static async start(settings: readonly string[] = []): Promise<PrivatePostgres> {
    const folder = await makeFolder('kling-postgres-');
    const password = join(folder, 'password');
    await writeFile(password, 'secret');
    if (asOrdinaryUser.uid !== undefined) await chown(password, asOrdinaryUser.uid, -1);
    const auth = ['--username=owner', `--pwfile=${password}`, '--auth=scram-sha-256'];
    const data = ['--pgdata', join(folder, 'data'), '--encoding=UTF8', '--locale=C', '--no-sync'];
    await run(postgresProgram('initdb'), [...auth, ...data], asOrdinaryUser);
    const server = new PrivatePostgres(await findFreePort(), folder, settings);
    await server.restart();
    return server;
  }

  /** For the database `postgres`, which every server has. */
  url({
    user = 'owner',
    password = 'secret',
    database = 'postgres',
    port = this.port,
  } = {}): string {
    return `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
  }

  get pid(): number {
    return this.#server?.pid ?? 0;
  }

  get isRunning(): boolean {
    return (
      this.#server !== null && this.#server.exitCode === null && this.#server.signalCode === null
    );
  }

  /** Without waiting: SIGINT ends all sessions, SIGQUIT stops in the middle, SIGSTOP lets it hang. */
  signal(name: NodeJS.Signals): void {
    this.#server?.kill(name);
  }

  /** SIGQUIT is the server's own "immediate shutdown"; after SIGKILL its processes end on their own. May run twice. */
  async kill(name: 'SIGINT' | 'SIGQUIT' | 'SIGKILL' = 'SIGQUIT'): Promise<void> {
    if (!this.isRunning || this.#server === null) return;
    const exited = once(this.#server, 'exit');
    this.#server.kill(name);
    await exited;
  }

  /** Resolves when it takes queries again. */
  async restart(): Promise<void> {
    await this.kill();
    const untilMs = Date.now() + START_MS;
    for (;;) {
      this.#spawn();
      if (await this.#isReady(untilMs)) return;
      // After SIGKILL the memory of the old server is in use until the last of its processes has ended.
      if (Date.now() > untilMs) throw new Error(`PostgreSQL does not start:\n${await this.#log()}`);
      await wait(100);
    }
  }

  #spawn(): void {
    const { port, folder } = this;
    const settings = [
      ...[`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`],
      // A test's data need not survive a loss of power.
      ...['fsync=off', 'logging_collector=on', `log_directory=${folder}`, 'log_filename=log'],
      ...this.settings,
    ].flatMap((setting) => ['-c', setting]);
    const args = ['-D', join(folder, 'data'), ...settings];
    const server = spawn(postgresProgram('postgres'), args, { stdio: 'ignore', ...asOrdinaryUser });
    killAtExit(server, 'SIGQUIT');
    this.#server = server;
  }

  async #isReady(untilMs: number): Promise<boolean> {
    while (this.isRunning && Date.now() < untilMs) {
      try {
        await this.query('SELECT 1');
        return true;
      } catch {
        await wait(50);
      }
    }
    return false;
  }

  #log(): Promise<string> {
    return readFile(join(this.folder, 'log'), 'utf8').catch(() => '');
  }

  /** On a connection of its own. */
  async query<Row extends object>(
    sql: string,
    values: unknown[] = [],
    url = this.url(),
  ): Promise<Row[]> {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(sql, values)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal('SIGCONT');
    await this.kill();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
