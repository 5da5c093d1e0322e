import type { Command } from 'commander';
import type { Patience } from '../../lib/redis/connection.ts';
import type { SettingName } from '../../lib/settings/settings.ts';
import { addSettingFlags, flagsAsEnvironment } from '../options/options.ts';
import { loadSettings } from '../process/environment.ts';
import type { ExitCode } from '../process/exit.ts';
import { createTerminal, type Terminal } from '../process/terminal.ts';
import type { Stores } from '../wiring/stores.ts';

const SETTING_FLAGS: readonly SettingName[] = ['REDIS_URL'];

/** Shared by commands that read Redis or change a value there. */
export interface RedisCommand {
  stores: Stores;
  terminal: Terminal;
}

/** Gives the command its settings and its exit code, and a connection while it runs. */
export function withRedis<Flags extends object>(
  command: Command,
  onExit: (code: ExitCode) => void,
  execute: (query: RedisCommand, flags: Flags, ...operands: string[]) => Promise<ExitCode>,
  /** Default: gives up when Redis does not answer within 4 s. */
  patienceOf: (flags: Flags) => Patience = () => 'impatient',
): Command {
  addSettingFlags(command, SETTING_FLAGS);
  return command.action(async (...given: unknown[]) => {
    const operands = given.slice(0, -2) as string[];
    const flags = given.at(-2) as Flags;
    const settings = loadSettings(flagsAsEnvironment(flags, SETTING_FLAGS));
    // Imported here, because loading it takes longer than most commands take to report an error.
    const { openStores } = await import('../wiring/stores.ts');
    await using stores = await openStores(settings, {
      name: 'kling-sessions-cli',
      patience: patienceOf(flags),
    });
    onExit(await execute({ stores, terminal: createTerminal(process.env) }, flags, ...operands));
  });
}
