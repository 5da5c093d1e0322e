import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { CliError, EXIT } from '../../process/exit.ts';
import { takeTurn } from './take-turn.ts';

/** A private Redis for `run` on one machine. Disposing stops it unless another run uses it. */
export interface PrivateRedis extends AsyncDisposable {
  /** `unix://` address with its password. */
  url: string;
}

const START_TIMEOUT_MS = 60_000;
/**
 * For the one connection by which each run shows that it uses the server. The server notices later when other
 * connections close.
 */
const CLIENT_NAME = 'kling-sessions-keeper';
/** Longest path of a Unix socket that every system accepts. */
const LONGEST_SOCKET_PATH = 100;

/**
 * Starts an append-only server that keeps its data in `directory`, or finds the server that an interrupted run left
 * there.
 * @throws CliError when there is no server program, or it does not start.
 */
export async function startPrivateRedis(directory: string): Promise<PrivateRedis> {
  const home = resolve(directory);
  await mkdir(home, { recursive: true, mode: 0o700 });
  const password = await readOrMakePassword(join(home, 'password'));
  const socket = await socketPath(home);
  const url = `unix://:${password}@localhost${socket}`;
  const left = await ping(socket, password);
  const client = left ?? (await startInTurn({ home, socket, password }));
  return { url, [Symbol.asyncDispose]: () => stopUnlessUsed(client) };
}

interface Place {
  home: string;
  socket: string;
  password: string;
}

async function readOrMakePassword(path: string): Promise<string> {
  const made = randomBytes(24).toString('hex');
  try {
    await writeFile(path, made, { mode: 0o600, flag: 'wx' });
    return made;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return await readFile(path, 'utf8');
  }
}

/** Beside the data, or in the system's temporary folder if that path would be too long. */
async function socketPath(home: string): Promise<string> {
  const beside = join(home, 'redis.sock');
  if (beside.length <= LONGEST_SOCKET_PATH) return beside;
  const name = createHash('sha256').update(home).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), `kling-sessions-${process.getuid?.() ?? 0}-${name}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return join(folder, 'redis.sock');
}

/** Two runs in one folder must not both start a server on the same files. */
async function startInTurn(place: Place): Promise<Redis> {
  for (;;) {
    await using turn = await takeTurn(place.home);
    const started = await ping(place.socket, place.password);
    if (started !== null) return started;
    if (turn !== null) return await start(place);
    await wait(100);
  }
}

async function start(place: Place): Promise<Redis> {
  const program = await findRedisServer();
  const log = await open(join(place.home, 'redis.log'), 'a');
  // In its own process group: Ctrl-C stops this process, which still needs the server to shut down in order.
  const child = spawn(program, configuration(place), {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  child.unref();
  await log.close();
  let exit: string | null = null;
  child.once('error', (error) => {
    exit = error.message;
  });
  child.once('exit', (code) => {
    exit = `it ended with code ${code}`;
  });
  const deadlineMs = Date.now() + START_TIMEOUT_MS;
  while (exit === null && Date.now() < deadlineMs) {
    const client = await ping(place.socket, place.password);
    if (client !== null) return client;
    await wait(25);
  }
  throw new CliError(
    EXIT.unavailable,
    `The private Redis did not start: ${exit ?? 'no answer within a minute'}; see ${join(place.home, 'redis.log')}.`,
  );
}

const configuration = ({ home, socket, password }: Place): string[] =>
  Object.entries({
    port: '0',
    unixsocket: socket,
    unixsocketperm: '700',
    requirepass: password,
    dir: home,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction',
    'hash-max-listpack-value': '1024',
    'hash-max-listpack-entries': '512',
    daemonize: 'no',
  }).flatMap(([name, value]) => [`--${name}`, value]);

/** The path of the server program.
 * @throws CliError (2) when there is none. */
export async function findRedisServer(): Promise<string> {
  const folders = (process.env.PATH ?? '').split(delimiter);
  for (const name of ['redis-server', 'valkey-server']) {
    for (const folder of folders) {
      const path = join(folder, name);
      const isThere = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (isThere) return path;
    }
  }
  throw new CliError(
    EXIT.usage,
    'Neither redis-server nor valkey-server is installed. Install one (Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis), or set REDIS_URL.',
  );
}

/** A connection if a server answers, otherwise null. */
async function ping(socket: string, password: string): Promise<Redis | null> {
  const redis = new Redis({
    path: socket,
    password,
    connectionName: CLIENT_NAME,
    lazyConnect: true,
    maxRetriesPerRequest: null,
    retryStrategy: () => null,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    await redis.ping();
    return redis;
  } catch {
    redis.disconnect();
    return null;
  }
}

async function stopUnlessUsed(client: Redis): Promise<void> {
  const clients = String(await client.client('LIST').catch(() => ''));
  const runs = clients.split('\n').filter((line) => line.includes(` name=${CLIENT_NAME} `));
  // The server answers SHUTDOWN by closing the connection.
  if (runs.length <= 1) await client.shutdown('NOSAVE').catch(() => undefined);
  client.disconnect();
}
