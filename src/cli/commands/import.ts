import { type Command, Option } from 'commander';
import { IMPORT_OPTIONS } from '../../lib/requests/import-request.ts';
import { SCHEDULE_OPTIONS } from '../../lib/requests/schedule-request.ts';
import type { SettingName } from '../../lib/settings/settings.ts';
import type { PlanFlags } from '../actions/import/import-task.ts';
import { addSettingFlags, flagsAsEnvironment } from '../options/options.ts';
import { addRequestFlags, requestFrom } from '../options/request-flags.ts';
import { loadSettings } from '../process/environment.ts';
import type { ExitCode } from '../process/exit.ts';
import { holdYoungGeneration } from '../process/small-heap.ts';

const SETTING_FLAGS: readonly SettingName[] = ['REDIS_URL', 'PROBE_ALLOW_HOSTS'];

export function addImportCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const command = program
    .command('import')
    .description(
      'Checks and queues a manifest and prints the batch id. The same manifest with the same options resumes an interrupted import and otherwise changes nothing.',
    )
    .argument(
      '<manifest>',
      'CSV, TSV, JSONL, list of URLs, .xlsx, .ods, .fods or Parquet (text may be gzipped); a path, an http(s) URL, or - for stdin',
    )
    .option(
      '--wait',
      'stay until every row has its outcome; Ctrl-C leaves the batch running',
      false,
    )
    .option(
      '--exit-when-blocked',
      'with --wait: exit 4 when a person is needed, or the sessions of the day are used up; the default without a terminal',
    )
    .option('--no-exit-when-blocked', 'with --wait: wait for that person, or for the next day')
    .option(
      '--fresh',
      'call every row again; keep no session of an earlier batch of this table or report',
      false,
    )
    .option('--yes', 'do not ask for confirmation', false)
    .option('--json', 'print the batch, or what was found, as JSON', false);
  addPlanningOptions(command);
  addRequestFlags(command, IMPORT_OPTIONS);
  addSettingFlags(command, SETTING_FLAGS).addHelpText(
    'after',
    '\nExample:\n  kling-sessions import clips.csv --map video_url=Link --wait' +
      '\n  kling-sessions import clips.csv --dry-run --probe' +
      '\n  kling-sessions import clips-edited.csv --diff clips-1a2b3c4d --only new,failed' +
      '\n  kling-sessions import clips.csv --window 22:00-06:00 --finish-by 06:00 --tz Asia/Taipei',
  );
  command.action(async (input: string, given: PlanFlags) => {
    const flags = { ...given, ...requestFrom(IMPORT_OPTIONS, given) };
    const settings = loadSettings(flagsAsEnvironment(flags, SETTING_FLAGS));
    holdYoungGeneration();
    const { executeImport } = await import('../actions/import/import.ts');
    onExit(await executeImport(input, flags, settings));
  });
}

/** Options for checking a manifest before anything is imported. */
function addPlanningOptions(command: Command): void {
  command
    .addOption(
      new Option('--dry-run', 'read and check everything and show the plan, but change nothing')
        .default(false)
        .conflicts('wait'),
    )
    .option('--probe', 'with --dry-run: also probe a sample of 50 videos', false)
    .option(
      '--problems <file>',
      'with --dry-run: file for all problems, as CSV; default <name>.problems.csv beside the manifest, if there are any',
    )
    .addOption(
      new Option(
        '--diff <batch>',
        'compare the manifest with a batch, row by row; imports nothing without --only',
      ).conflicts('limit'),
    );
  addRequestFlags(command, ONLY);
}

const ONLY = {
  only: {
    ...SCHEDULE_OPTIONS.only,
    description: 'with --diff: import only rows that are new, or failed there (new,failed)',
  },
};
