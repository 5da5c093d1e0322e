import { type Command, InvalidArgumentError } from 'commander';
import type { SettingName } from '../../lib/settings/settings.ts';
import type { ListFlags } from '../actions/list.ts';
import { addSettingFlags, flagsAsEnvironment } from '../options/options.ts';
import { loadSettings } from '../process/environment.ts';
import type { ExitCode } from '../process/exit.ts';

const SETTING_FLAGS: readonly SettingName[] = ['FFPROBE_PATH'];

export function addListCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const command = program
    .command('list')
    .description(
      'Writes a manifest of the videos in a folder, with the addresses they will have after you upload the folder. It is sorted by name and shows size, duration and verdict. Kling fetches videos from http(s) addresses; this command uploads nothing.',
    )
    .argument('<folder>', 'where the videos are on this machine')
    .requiredOption('--base-url <url>', 'the address that the folder will have', baseUrl)
    .option('--no-probe', 'list only names and sizes; do not read the videos')
    .option('--out <file>', 'write to a file instead of stdout');
  addSettingFlags(command, SETTING_FLAGS).addHelpText(
    'after',
    '\nExample:\n  kling-sessions list ./clips --base-url https://media.example.com/clips --out clips.csv',
  );
  command.action(async (folder: string, flags: ListFlags) => {
    const settings = loadSettings(flagsAsEnvironment(flags, SETTING_FLAGS));
    const { executeList } = await import('../actions/list.ts');
    onExit(await executeList(folder, flags, settings));
  });
}

function baseUrl(text: string): URL {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return new URL(text);
  throw new InvalidArgumentError('Use an http(s) address such as https://media.example.com/clips.');
}
