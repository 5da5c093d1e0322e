import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { searchPath } from '../../process/environment.ts';
import { CliError, EXIT } from '../../process/exit.ts';
import { isTurnTaken, type Turn, takeTurn } from './take-turn.ts';

/**
 * The private Redis of `run`, on one machine. Disposing stops it unless another command uses it, and may run twice.
 */
export interface PrivateRedis extends AsyncDisposable {
  /** `unix://` address with its password. */
  url: string;
  /** The server was already there: another command uses it, or a killed command left it. */
  wasRunning: boolean;
}

const START_TIMEOUT_MS = 60_000;
/** For the one connection by which each command shows that it uses the server. */
const CLIENT_NAME = 'kling-sessions-keeper';
/** Longest path of a Unix socket that every system accepts. */
const LONGEST_SOCKET_PATH = 100;
const LOOK_MS = 50;
/** Before a server that does not start is tried again. */
const RESTART_PAUSE_MS = 1_000;
/** After that, a server is left to the next command. */
const LONGEST_STOP_MS = 20_000;

/**
 * Starts an append-only server that keeps its data in `directory`, or finds the server that is there already.
 * @throws CliError when there is no server program, or it does not start.
 */
export async function startPrivateRedis(directory: string): Promise<PrivateRedis> {
  const home = resolve(directory);
  await mkdir(home, { recursive: true, mode: 0o700 });
  const password = await readOrMakePassword(join(home, PASSWORD_FILE));
  const socket = await socketPath(home);
  const url = `unix://:${password}@localhost${socket}`;
  const place = { home, socket, password };
  const { client, wasRunning } = await findOrStart(place);
  const stop = keepRunning(client, place);
  return { url, wasRunning, [Symbol.asyncDispose]: stop };
}

/** Restarts the server if it is killed, as by a system short of memory. Nothing else does. Returns how to stop it. */
function keepRunning(first: Redis, place: Place): () => Promise<void> {
  let stopping: Promise<void> | null = null;
  let served = Promise.resolve(first);
  const watch = (client: Redis): Redis =>
    client.once('end', () => {
      if (stopping === null) served = restart().then(watch);
    });
  const restart = async (): Promise<Redis> => {
    for (;;) {
      const found = await findOrStart(place).catch(() => null);
      if (found !== null || stopping !== null) return found?.client ?? first;
      await wait(RESTART_PAUSE_MS);
    }
  };
  watch(first);
  return () => {
    stopping ??= served.then((client) => stopUnlessUsed(client, place.home));
    return stopping;
  };
}

/** Whether a private server has kept data in `directory`. */
export const hasPrivateRedis = (directory: string): Promise<boolean> =>
  access(join(directory, PASSWORD_FILE)).then(
    () => true,
    () => false,
  );

const PASSWORD_FILE = 'password';

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

/**
 * Two commands in one folder must not both start a server on the same files, and no command may use a server that is
 * being stopped. A command that starts or stops the server holds the turn; a command that finds a server checks the
 * turn after connecting.
 */
async function findOrStart(place: Place): Promise<Served> {
  for (;;) {
    const found = await ping(place);
    const served = found === null ? await startInTurn(place) : await keepIfStaying(found, place);
    if (served !== null) return served;
    await wait(LOOK_MS);
  }
}

interface Served {
  client: Redis;
  wasRunning: boolean;
}

/** Null while another command has the turn. */
async function startInTurn(place: Place): Promise<Served | null> {
  await using turn = await takeTurn(place.home);
  if (turn === null) return null;
  const started = await ping(place);
  if (started !== null) return { client: started, wasRunning: true };
  return { client: await start(place, turn), wasRunning: false };
}

/** Null when the server is being stopped, or when the command that starts it is still checking whether it answers. */
async function keepIfStaying(client: Redis, { home }: Place): Promise<Served | null> {
  if (!(await isTurnTaken(home)) && (await answers(client))) return { client, wasRunning: true };
  disconnect(client);
  return null;
}

async function start(place: Place, turn: Turn): Promise<Redis> {
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
    const client = await ping(place);
    if (client !== null) return client;
    await turn.keep();
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
  const folders = searchPath().split(delimiter);
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
async function ping({ socket, password }: Place): Promise<Redis | null> {
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
    if (await answers(redis)) return redis;
  } catch {
    // There is no server, or it is shutting down.
  }
  disconnect(redis);
  return null;
}

/** ioredis waits 2 s for the end of a connection that has already ended, and keeps the process running for that time. */
function disconnect(redis: Redis): void {
  if (redis.status !== 'end') redis.disconnect();
}

const answers = (redis: Redis): Promise<boolean> =>
  redis.ping().then(
    () => true,
    () => false,
  );

async function stopUnlessUsed(client: Redis, home: string): Promise<void> {
  const untilMs = Date.now() + LONGEST_STOP_MS;
  try {
    while (!(await leaveInTurn(client, home)) && Date.now() < untilMs) await wait(LOOK_MS);
  } catch {
    // The server or its folder is gone.
  }
  disconnect(client);
}

/** False while another command has the turn. */
async function leaveInTurn(client: Redis, home: string): Promise<boolean> {
  await using turn = await takeTurn(home);
  if (turn === null) return false;
  await leave(client);
  return true;
}

/**
 * The last command stops the server. It gives up its connection's name first, because the server notices a closed
 * connection late.
 */
async function leave(client: Redis): Promise<void> {
  await client.client('SETNAME', 'leaving');
  const clients = String(await client.client('LIST'));
  if (clients.includes(` name=${CLIENT_NAME} `)) return;
  // The server answers SHUTDOWN by closing the connection.
  await client.shutdown('NOSAVE');
}
