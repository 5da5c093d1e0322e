import type { Command } from 'commander';
import type { Patience } from '../../lib/redis/connection.ts';
import { RedisUnusable } from '../../lib/redis/unusable.ts';
import type { SettingName, Settings } from '../../lib/settings/settings.ts';
import type { Stores } from '../../library/wiring/stores.ts';
import {
  addDataFlags,
  type DataFlags,
  DEFAULT_DIR,
  takesDataFlags,
} from '../options/data-flags.ts';
import { addSettingFlags, flagsAsEnvironment } from '../options/options.ts';
import { loadSettings } from '../process/environment.ts';
import type { ExitCode } from '../process/exit.ts';
import { createTerminal, type Terminal } from '../process/terminal.ts';
import type { BatchData } from '../wiring/private-redis/batch-data.ts';

const SETTING_FLAGS: readonly SettingName[] = ['REDIS_URL'];

/** Shared by commands that read Redis or change a value there. */
export interface RedisCommand {
  stores: Stores;
  terminal: Terminal;
  /** The private data of `run`, which has no permanent worker. */
  isOfRun: boolean;
  settings: Settings;
}

type Execute<Flags> = (
  query: RedisCommand,
  flags: Flags,
  ...operands: string[]
) => Promise<ExitCode>;

/** Gives the command its settings and its exit code, and a connection while it runs. */
export function withRedis<Flags extends object>(
  command: Command,
  onExit: (code: ExitCode) => void,
  execute: Execute<Flags>,
  /** Default: gives up when Redis does not answer within 4 s. */
  patienceOf: (flags: Flags) => Patience = () => 'impatient',
): Command {
  addSettingFlags(command, SETTING_FLAGS);
  return command.action(async (...given: unknown[]) => {
    // A variadic operand counts as one.
    const operands = given.slice(0, -2).flat() as string[];
    const flags = given.at(-2) as Flags;
    const settings = loadSettings(flagsAsEnvironment(flags, SETTING_FLAGS));
    const terminal = createTerminal(process.env);
    await using data = await openData(command, settings, flags, terminal);
    // Imported here, because loading it takes longer than most commands take to report an error.
    const { openStores } = await import('../../library/wiring/stores.ts');
    await using stores = await openStores(data.settings, {
      name: 'kling-sessions-cli',
      patience: patienceOf(flags),
      isOfRun: data.isOfRun,
      ...(data.space && { space: data.space }),
    }).catch(async (error: unknown) => {
      throw takesDataFlags(command) ? await nameOtherPlace(error, settings) : error;
    });
    const { isOfRun, settings: own } = data;
    onExit(await execute({ stores, terminal, settings: own, isOfRun }, flags, ...operands));
  });
}

/** The same for commands about batches, which also find those of `run`. */
export function withBatches<Flags extends object>(
  command: Command,
  ...rest: Parameters<typeof withRedis<Flags>> extends [Command, ...infer Rest] ? Rest : never
): Command {
  return withRedis(addDataFlags(command), ...rest);
}

async function openData(
  command: Command,
  settings: Settings,
  flags: DataFlags,
  terminal: Terminal,
): Promise<BatchData> {
  if (!takesDataFlags(command)) {
    return { settings, isOfRun: false, [Symbol.asyncDispose]: async () => undefined };
  }
  const { openBatchData } = await import('../wiring/private-redis/batch-data.ts');
  return await openBatchData(settings, flags, terminal);
}

/** Tells a person who has changed folders which data this is. */
async function nameOtherPlace(error: unknown, { REDIS_URL: url }: Settings): Promise<unknown> {
  const isAtDefault = url === undefined && error instanceof RedisUnusable;
  if (!isAtDefault || error.kind !== 'unreachable') return error;
  const { adviseOtherData } = await import('../wiring/private-redis/batch-data.ts');
  const other = await adviseOtherData(DEFAULT_DIR, false);
  const more =
    other === null
      ? 'This folder has no data of `run` either; --dir names another folder.'
      : `This folder has the data ${other}.`;
  return new RedisUnusable('unreachable', `${error.message} ${more}`);
}
