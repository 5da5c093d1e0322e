import type { Command } from 'commander';
import type { SettingName } from '../../lib/settings/settings.ts';
import { builtInScenarioNames } from '../../sandbox/scenario/load-scenario.ts';
import {
  addSettingFlags,
  flagsAsEnvironment,
  portNumber,
  positiveInteger,
} from '../options/options.ts';
import { loadSettings } from '../process/environment.ts';
import type { ExitCode } from '../process/exit.ts';
import type { SandboxFlags } from '../wiring/sandbox.ts';

const SETTING_FLAGS: readonly SettingName[] = ['FFPROBE_PATH'];

export function addSandboxCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const command = program
    .command('sandbox')
    .description(
      'Serves a practice copy of the API and sample videos on this machine until you stop it. Its sessions are not real. docs/sandbox.md describes the scenarios.',
    )
    .option(
      '--sandbox-port <port>',
      'where to listen; 0 takes any free port (default: 4280)',
      portNumber,
    )
    .option('--scenario <file>', `faults: a file, or ${builtInScenarioNames().join(', ')}`)
    .option('--latency <ms>', 'how long a call takes (default: 200 to 500)', positiveInteger)
    .option(
      '--max-concurrency <calls>',
      'most calls at once; the API answers others with code 1303',
      positiveInteger,
    )
    .option(
      '--max-rate <calls>',
      'most calls per second; the API answers others with code 1302',
      positiveInteger,
    )
    .option('--no-validate', 'do not fetch and check the videos');
  addSettingFlags(command, SETTING_FLAGS).addHelpText(
    'after',
    '\nExample:\n  kling-sessions sandbox --scenario throttle-storm',
  );
  command.action(async (flags: SandboxFlags) => {
    const settings = loadSettings(flagsAsEnvironment(flags, SETTING_FLAGS));
    const { executeSandbox } = await import('../actions/sandbox.ts');
    onExit(await executeSandbox(flags, settings));
  });
}
