import type { Command } from 'commander';

/** Where `run` keeps its data, unless told otherwise. */
export const DEFAULT_DIR = '.kling-sessions';

export interface DataFlags {
  /** The folder in which `run` keeps its data; without it `DEFAULT_DIR`, if there is any. */
  dir?: string;
  /** The batches of `run --sandbox`. */
  sandbox?: boolean;
}

/** For commands that also find the batches of `run`. */
export const addDataFlags = (command: Command): Command =>
  command
    .option(
      '--dir <folder>',
      `the folder in which \`run\` keeps its data; default ${DEFAULT_DIR}, if it is there and REDIS_URL is not set`,
    )
    .option('--sandbox', 'the batches of `run --sandbox`', false);

export const takesDataFlags = ({ options }: Command): boolean =>
  options.some(({ long }) => long === '--dir');
