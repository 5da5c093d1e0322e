import type { Command } from 'commander';
import type { SettingName } from '../../lib/settings/settings.ts';
import { addSettingFlags, flagsAsEnvironment, NOTICE_SETTINGS } from '../options/options.ts';
import { loadSettings } from '../process/environment.ts';
import type { ExitCode } from '../process/exit.ts';

const SETTING_FLAGS: readonly SettingName[] = NOTICE_SETTINGS;
const EXAMPLE =
  '\nExample:\n  kling-sessions notify test --notify-url https://hooks.example.com/kling';

export function addNotifyCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const notify = program
    .command('notify')
    .description(
      'Sends notices to a webhook: about batches that end, about trouble, and about runs that did not take place.',
    )
    .addHelpText('after', EXAMPLE);
  const test = notify
    .command('test')
    .description('Sends a test notice now and shows the answer.')
    .option('--json', 'print it as JSON', false);
  addSettingFlags(test, SETTING_FLAGS).addHelpText('after', EXAMPLE);
  test.action(async (flags: { json: boolean }) => {
    const settings = loadSettings(flagsAsEnvironment(flags, SETTING_FLAGS));
    const { executeNotifyTest } = await import('../actions/notify-test.ts');
    onExit(await executeNotifyTest(flags, settings));
  });
}
