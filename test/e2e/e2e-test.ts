import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { Redis } from 'ioredis';
import { test as base } from 'vitest';
import { type ApiServer, type ApiServerOptions, startApiServer } from '../setup/api-server.ts';
import { type CliOptions, CliProcess, type CliResult, MAIN } from '../setup/cli-process.ts';
import { type PrivateRedis, startPrivateRedis } from '../setup/redis/private-redis.ts';
import { startVideoServer, type VideoServer } from '../setup/video-server.ts';

type Options = Pick<CliOptions, 'env' | 'stdin' | 'terminal'>;

/** An empty folder in which one test uses the program as a user does; it is deleted afterwards. */
export class Workplace implements AsyncDisposable {
  readonly folder: string;
  readonly #opened: AsyncDisposable[] = [];
  /** The environment of every command in this workplace. */
  readonly env: Record<string, string> = {};

  constructor(folder: string) {
    this.folder = folder;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async write(name: string, content: string | Buffer): Promise<string> {
    await writeFile(this.path(name), content);
    return name;
  }

  async read(name: string): Promise<string> {
    return await readFile(this.path(name), 'utf8');
  }

  /** The rows of a CSV report by column. */
  async report(name: string): Promise<Record<string, string>[]> {
    return parse(await this.read(name), { columns: true, bom: true });
  }

  /** An API that the commands of this workplace call. */
  async api(options: ApiServerOptions = {}): Promise<ApiServer> {
    const api = this.closeAtEnd(await startApiServer(options));
    Object.assign(this.env, { API_BASE_URL: api.baseUrl, COMETAPI_KEY: 'test-key' });
    return api;
  }

  /** A server with videos, which the commands of this workplace may probe. */
  async videos(): Promise<VideoServer> {
    const videos = this.closeAtEnd(await startVideoServer());
    this.env.PROBE_ALLOW_HOSTS = videos.host;
    return videos;
  }

  /** A Redis of its own, which the commands of this workplace share. */
  async redis(settings: readonly string[] = []): Promise<PrivateRedis> {
    const redis = this.closeAtEnd(await startPrivateRedis(settings));
    this.env.REDIS_URL = redis.url;
    return redis;
  }

  /** A command that runs in parallel with the test. */
  start(args: readonly string[], options: Options = {}): CliProcess {
    const env = { ...this.env, ...options.env };
    return this.closeAtEnd(new CliProcess(args, { ...options, cwd: this.folder, env }));
  }

  /** A command from its start to its end. */
  async cli(args: readonly string[], options: Options = {}): Promise<CliResult> {
    return await this.start(args, options).result();
  }

  /** A line of shell, in which `kling-sessions` is the built program. */
  async shell(line: string): Promise<CliResult> {
    const { PATH = '' } = process.env;
    const define = `kling-sessions() { '${process.execPath}' '${MAIN}' "$@"; }`;
    const env = { PATH, ...this.env };
    return await new Promise((resolve) => {
      execFile(
        'bash',
        ['--norc', '-c', `${define}\n${line}`],
        { cwd: this.folder, env },
        (error, stdout, stderr) =>
          resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });
  }

  /** Disposes of it after the test. */
  closeAtEnd<T extends AsyncDisposable>(opened: T): T {
    this.#opened.push(opened);
    return opened;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const opened of this.#opened.reverse()) await opened[Symbol.asyncDispose]();
    await stopServerOfKilledRun(this.path('.kling-sessions/redis'));
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A killed `run` leaves its server to the next one. */
async function stopServerOfKilledRun(home: string): Promise<void> {
  const path = join(home, 'redis.sock');
  if (!existsSync(path)) return;
  const password = await readFile(join(home, 'password'), 'utf8');
  const redis = new Redis({ path, password, retryStrategy: () => null });
  redis.on('error', () => undefined);
  await redis.shutdown('NOSAVE').catch(() => undefined);
  redis.disconnect();
}

/** A test in its own workplace. */
export const test = base.extend<{ place: Workplace }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of fixtures from the pattern
  place: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'kling-e2e-'));
    await using place = new Workplace(folder);
    await use(place);
  },
});

/**
 * `count` rows with Kling ids, which need no probing, under the header `name,video_id,task_id`. Two with other `from`
 * have no video in common.
 */
export function klingManifest(count: number, from = 1): string {
  const lines = Array.from({ length: count }, (_, index) => {
    const id = 100_000_000_000_000_000n + BigInt(index + from);
    return `row ${index + 1},${id},${id + 500_000_000_000n}`;
  });
  return ['name,video_id,task_id', ...lines, ''].join('\n');
}
