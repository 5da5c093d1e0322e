import { join } from 'node:path';
import type { Settings } from '../../../lib/settings/settings.ts';
import { type DataFlags, DEFAULT_DIR } from '../../options/data-flags.ts';
import { CliError, EXIT } from '../../process/exit.ts';
import type { Terminal } from '../../process/terminal.ts';
import { hasPrivateRedis, startPrivateRedis } from './private-redis.ts';

/** Where a command finds its batches. Disposing stops a server that was started for it. */
export interface BatchData extends AsyncDisposable {
  /** With the address of Redis. */
  settings: Settings;
  /** The private data of `run`, which has no permanent worker. */
  isOfRun: boolean;
  space?: 'sandbox';
}

/** The folder of the private server below `dir`. Practice never shares a server with real work. */
export const homeBelow = (dir: string, isSandbox: boolean): string =>
  join(dir, isSandbox ? 'sandbox' : 'redis');

/**
 * Finds what `run` has left in the working directory, starts its server where no other command has, and says so.
 * `REDIS_URL` takes precedence; without either, the default address is used.
 * @throws CliError (2) when `--dir` names a folder without such data, or one beside REDIS_URL.
 */
export async function openBatchData(
  settings: Settings,
  flags: DataFlags,
  terminal: Terminal,
): Promise<BatchData> {
  const { dir, sandbox = false } = flags;
  const space = sandbox ? { space: 'sandbox' as const } : {};
  const elsewhere = { settings, isOfRun: false, ...space, [Symbol.asyncDispose]: async () => {} };
  if (settings.REDIS_URL !== undefined) {
    if (dir === undefined) return elsewhere;
    throw new CliError(
      EXIT.usage,
      'REDIS_URL is set, so --dir is not used; leave out one of them.',
    );
  }
  const folder = dir ?? DEFAULT_DIR;
  const home = homeBelow(folder, sandbox);
  if (!(await hasPrivateRedis(home))) {
    if (dir === undefined && !sandbox) return elsewhere;
    const other = await adviseOtherData(folder, sandbox);
    throw new CliError(
      EXIT.usage,
      `There is no data of \`${nameOfRun(sandbox)}\` in ${folder}${other === null ? '' : `; the data there is ${other}`}.`,
    );
  }
  const redis = await startPrivateRedis(home);
  const how = redis.wasRunning
    ? 'its server is running'
    : 'its server runs as long as this command';
  terminal.say(`Using the data of \`${nameOfRun(sandbox)}\` in ${folder}; ${how}.`);
  const ending = endServerOnSignal(redis);
  return {
    settings: { ...settings, REDIS_URL: redis.url },
    isOfRun: true,
    ...space,
    [Symbol.asyncDispose]: async () => {
      ending[Symbol.dispose]();
      await redis[Symbol.asyncDispose]();
    },
  };
}

/** Which data is there instead, practice or real, and what to do; null if there is none. */
export async function adviseOtherData(folder: string, isSandbox: boolean): Promise<string | null> {
  if (!(await hasPrivateRedis(homeBelow(folder, !isSandbox)))) return null;
  return `of \`${nameOfRun(!isSandbox)}\`: ${isSandbox ? 'leave out' : 'add'} --sandbox`;
}

const nameOfRun = (isSandbox: boolean): string => (isSandbox ? 'run --sandbox' : 'run');

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The first process of a container always has a listener: `listenAsFirstProcess`. */
const USUAL_LISTENERS = process.pid === 1 ? 1 : 0;

/** A command without a listener of its own would leave its server behind when it is interrupted. */
function endServerOnSignal(redis: AsyncDisposable): Disposable {
  const onSignal = (signal: NodeJS.Signals): void => {
    if (process.listenerCount(signal) > USUAL_LISTENERS + 1) return;
    const end = (): never => process.exit(EXIT.interrupted);
    redis[Symbol.asyncDispose]().then(end, end);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    [Symbol.dispose]: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
