import type { Command } from 'commander';
import type { SettingName } from '../../lib/settings/settings.ts';
import { addSettingFlags, flagsAsEnvironment } from '../options/options.ts';
import { loadSettings } from '../process/environment.ts';
import type { ExitCode } from '../process/exit.ts';

const SETTING_FLAGS: readonly SettingName[] = ['REDIS_URL', 'FFPROBE_PATH'];

export function addDoctorCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const command = program
    .command('doctor')
    .description(
      'Checks Redis (version, persistence, eviction policy, memory, clock), ffprobe, the credentials, the results database, the folders of reports and every setting, and says how to fix each problem.',
    )
    .option('--json', 'print the findings as JSON', false);
  addSettingFlags(command, SETTING_FLAGS).addHelpText(
    'after',
    '\nExample:\n  kling-sessions doctor',
  );
  command.action(async (flags: { json: boolean }) => {
    const settings = loadSettings(flagsAsEnvironment(flags, SETTING_FLAGS));
    const { executeDoctor } = await import('../actions/doctor.ts');
    onExit(await executeDoctor(flags, settings));
  });
}
