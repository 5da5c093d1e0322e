import type { Command } from 'commander';
import type { SettingName } from '../../lib/settings/settings.ts';
import type { ProbeFlags } from '../actions/probe.ts';
import { addSettingFlags, flagsAsEnvironment } from '../options/options.ts';
import { loadSettings } from '../process/environment.ts';
import type { ExitCode } from '../process/exit.ts';

const SETTING_FLAGS: readonly SettingName[] = [
  'PROBE_TIMEOUT',
  'PROBE_MAX_BYTES',
  'PROBE_MEMORY_BYTES',
  'PROBE_ALLOW_HOSTS',
  'FFPROBE_PATH',
];

export function addProbeCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const command = program
    .command('probe')
    .description('Reads and judges videos as a batch would, without calling the API.')
    .argument('<url|file...>', 'http(s) URLs, or files on this machine')
    .option('--strict-fps', 'reject 23.976, 29.97 and 59.94 fps instead of warning', false)
    .option('--json', 'one JSON object per line', false);
  addSettingFlags(command, SETTING_FLAGS).addHelpText(
    'after',
    '\nExample:\n  kling-sessions probe https://cdn.example.com/clip.mp4 ./clip.mov',
  );
  command.action(async (inputs: string[], flags: ProbeFlags) => {
    const settings = loadSettings(flagsAsEnvironment(flags, SETTING_FLAGS));
    const { executeProbe } = await import('../actions/probe.ts');
    onExit(await executeProbe(inputs, flags, settings));
  });
}
