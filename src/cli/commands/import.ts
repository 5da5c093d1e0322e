import type { Command } from 'commander';
import type { SettingName } from '../../lib/settings.ts';
import type { ImportFlags } from '../actions/import.ts';
import { loadSettings } from '../environment.ts';
import type { ExitCode } from '../exit.ts';
import { addManifestOptions, addSettingFlags, flagsAsEnvironment } from '../options.ts';

const SETTING_FLAGS: readonly SettingName[] = ['REDIS_URL'];

export function addImportCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const command = program
    .command('import')
    .summary('check and queue a manifest; print the batch id')
    .description(
      'Checks and queues a manifest and prints the batch id. The same manifest with the same options resumes an interrupted import and otherwise changes nothing.',
    )
    .argument(
      '<manifest>',
      'CSV, TSV, JSONL or list of URLs; a path, an http(s) URL, or - for stdin',
    )
    .option(
      '--wait',
      'stay until every row has its outcome; Ctrl-C leaves the batch running',
      false,
    )
    .option(
      '--exit-when-blocked',
      'with --wait: exit 4 when a person is needed; the default where nobody watches',
    )
    .option('--no-exit-when-blocked', 'with --wait: wait for that person')
    .option('--json', 'print the batch as JSON', false);
  addManifestOptions(command);
  addSettingFlags(command, SETTING_FLAGS).addHelpText(
    'after',
    '\nExample:\n  kling-sessions import clips.csv --map video_url=Link --wait',
  );
  command.action(async (input: string, flags: ImportFlags) => {
    const settings = loadSettings(flagsAsEnvironment(flags, SETTING_FLAGS));
    const { executeImport } = await import('../actions/import.ts');
    onExit(await executeImport(input, flags, settings));
  });
}
