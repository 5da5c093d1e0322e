import { type Command, InvalidArgumentError } from 'commander';
import { isWebAddress } from '../../lib/core/web-address.ts';
import type { SettingName } from '../../lib/settings/settings.ts';
import type { ListFlags } from '../actions/list.ts';
import { addSettingFlags, flagsAsEnvironment } from '../options/options.ts';
import { loadSettings } from '../process/environment.ts';
import { CliError, EXIT, type ExitCode } from '../process/exit.ts';

type GivenFlags = Omit<ListFlags, 'baseUrl'> & Partial<Pick<ListFlags, 'baseUrl'>>;

const NO_ADDRESS =
  'Give --base-url, the address under which the folder will be reachable, such as https://media.example.com/clips. Kling fetches the videos from there; docs/local-videos.md shows how to put them on a server or into a bucket.';

const SETTING_FLAGS: readonly SettingName[] = ['FFPROBE_PATH'];

export function addListCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const command = program
    .command('list')
    .description(
      'Writes a manifest of the videos in a folder, with the addresses they will have after you upload the folder. It is sorted by name and shows size, duration and verdict. Kling fetches videos from http(s) addresses; this command uploads nothing.',
    )
    .argument('<folder>', 'where the videos are on this machine')
    .option('--base-url <url>', 'the address that the folder will have; always needed', baseUrl)
    .option('--no-probe', 'list only names and sizes; do not read the videos')
    .option('--out <file>', 'write to a file instead of stdout');
  addSettingFlags(command, SETTING_FLAGS).addHelpText(
    'after',
    '\nExample:\n  kling-sessions list ./clips --base-url https://media.example.com/clips --out clips.csv',
  );
  command.action(async (folder: string, { baseUrl, ...flags }: GivenFlags) => {
    if (baseUrl === undefined) throw new CliError(EXIT.usage, NO_ADDRESS);
    const settings = loadSettings(flagsAsEnvironment(flags, SETTING_FLAGS));
    const { executeList } = await import('../actions/list.ts');
    onExit(await executeList(folder, { ...flags, baseUrl }, settings));
  });
}

function baseUrl(text: string): URL {
  if (isWebAddress(text) && URL.canParse(text)) return new URL(text);
  throw new InvalidArgumentError('Use an http(s) address such as https://media.example.com/clips.');
}
