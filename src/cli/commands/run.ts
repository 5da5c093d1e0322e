import type { Command } from 'commander';
import { MANIFEST_OPTIONS } from '../../lib/requests/import-request.ts';
import { builtInScenarioNames } from '../../sandbox/scenario/load-scenario.ts';
import type { OwnRunFlags } from '../actions/run.ts';
import { DEFAULT_DIR } from '../options/data-flags.ts';
import {
  addSettingFlags,
  flagsAsEnvironment,
  portNumber,
  WORKER_SETTINGS,
} from '../options/options.ts';
import { addRequestFlags, requestFrom } from '../options/request-flags.ts';
import { loadSettings } from '../process/environment.ts';
import type { ExitCode } from '../process/exit.ts';
import { holdYoungGeneration } from '../process/small-heap.ts';

export function addRunCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const command = program
    .command('run')
    .description(
      'One machine, one command: imports the manifest, opens a session for every row and writes the report. ' +
        'Without REDIS_URL it starts a private server that keeps its data under --dir, so that the same command resumes after any interruption.',
    )
    .argument(
      '<manifest>',
      'CSV, TSV, JSONL, list of URLs, .xlsx, .ods, .fods or Parquet (text may be gzipped); a path, an http(s) URL, or - for stdin',
    )
    .option(
      '--out <file>',
      'the report (.csv, .tsv, .jsonl or .xlsx), - for stdout; default <name>.results.csv beside the manifest',
    )
    .option(
      '--fresh',
      'keep no session of the earlier batch of this file; call every row again',
      false,
    )
    .option('--dir <folder>', 'where the private server keeps its data', DEFAULT_DIR)
    .option('--sandbox', 'use the practice API; needs no key', false)
    .option('--sandbox-port <port>', 'where the practice API listens', portNumber)
    .option(
      '--scenario <file>',
      `faults of the practice API: a file, or ${builtInScenarioNames().join(', ')}`,
    )
    .option(
      '--exit-when-blocked',
      'exit 4 when a person is needed, or the sessions of the day are used up; the default without a terminal',
    )
    .option('--no-exit-when-blocked', 'wait for that person, or for the next day')
    .option('--yes', 'continue without a question', false)
    .option('--json', 'print the summary as JSON', false);
  addRequestFlags(command, MANIFEST_OPTIONS);
  addSettingFlags(command, WORKER_SETTINGS).addHelpText(
    'after',
    '\nExample:\n  kling-sessions run videos.csv --out sessions.csv --api-concurrency 10',
  );
  command.action(async (input: string, given: OwnRunFlags) => {
    const flags = { ...given, ...requestFrom(MANIFEST_OPTIONS, given) };
    const settings = loadSettings(flagsAsEnvironment(flags, WORKER_SETTINGS));
    holdYoungGeneration();
    const { executeRun } = await import('../actions/run.ts');
    onExit(await executeRun(input, flags, settings));
  });
}
