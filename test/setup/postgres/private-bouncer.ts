import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { killAtExit } from '../redis/kill-at-exit.ts';
import { findFreePort } from '../redis/private-redis.ts';
import {
  asOrdinaryUser,
  makeFolder,
  type PrivatePostgres,
  postgresProgram,
} from './private-postgres.ts';

/** A PgBouncer in its mode `transaction`, before a server. */
export class PrivateBouncer implements AsyncDisposable {
  readonly url: string;
  readonly #folder: string;
  readonly #child: ChildProcess;

  private constructor(url: string, folder: string, child: ChildProcess) {
    this.url = url;
    this.#folder = folder;
    this.#child = child;
  }

  static async start(server: PrivatePostgres): Promise<PrivateBouncer> {
    const folder = await makeFolder('kling-bouncer-');
    const port = await findFreePort();
    await writeFile(join(folder, 'users'), '"owner" "secret"\n');
    await writeFile(
      join(folder, 'ini'),
      [
        '[databases]',
        `* = host=127.0.0.1 port=${server.port}`,
        '[pgbouncer]',
        ...['pool_mode = transaction', 'listen_addr = 127.0.0.1', `listen_port = ${port}`],
        ...[
          'unix_socket_dir =',
          'auth_type = scram-sha-256',
          `auth_file = ${join(folder, 'users')}`,
        ],
        ...['default_pool_size = 2', 'server_round_robin = 1'],
        '',
      ].join('\n'),
    );
    const { uid } = asOrdinaryUser;
    for (const name of uid === undefined ? [] : ['users', 'ini']) {
      await chown(join(folder, name), uid ?? 0, -1);
    }
    const args = ['--quiet', join(folder, 'ini')];
    const child = spawn(postgresProgram('pgbouncer'), args, { stdio: 'ignore', ...asOrdinaryUser });
    killAtExit(child);
    const bouncer = new PrivateBouncer(server.url({ port }), folder, child);
    await untilItAnswers(server, bouncer.url);
    return bouncer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const isRunning = this.#child.exitCode === null && this.#child.signalCode === null;
    const exited = isRunning ? once(this.#child, 'exit') : null;
    this.#child.kill('SIGKILL');
    await exited;
    await rm(this.#folder, { recursive: true, force: true });
  }
}

const LONGEST_MS = 30_000;

async function untilItAnswers(server: PrivatePostgres, url: string): Promise<void> {
  for (const untilMs = Date.now() + LONGEST_MS; ; ) {
    try {
      await server.query('SELECT 1', [], url);
      return;
    } catch (error) {
      if (Date.now() > untilMs) throw error;
      await wait(50);
    }
  }
}
