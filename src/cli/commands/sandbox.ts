import type { Command } from 'commander';
import type { SettingName } from '../../lib/settings.ts';
import { loadSettings } from '../environment.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { addSettingFlags, flagsAsEnvironment, portNumber, positiveInteger } from '../options.ts';
import { openSandbox, SANDBOX_KEY, type SandboxFlags } from '../sandbox.ts';
import { listenForStop } from '../signals.ts';
import { createTerminal } from '../terminal.ts';

const SETTING_FLAGS: readonly SettingName[] = ['FFPROBE_PATH'];

export function addSandboxCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const command = program
    .command('sandbox')
    .summary('the practice API')
    .description(
      'Serves the documented API and the sample videos on this machine, until told to stop. Sessions it opens are good for practice only. Scenarios are described in docs/sandbox.md.',
    )
    .option(
      '--sandbox-port <port>',
      'where to listen; 0 takes any free port (default: 4280)',
      portNumber,
    )
    .option('--scenario <file>', 'faults: a file or a built-in name')
    .option('--latency <ms>', 'how long a call takes (default: 200 to 500)', positiveInteger)
    .option('--max-concurrency <calls>', 'more calls at once are answered 1303', positiveInteger)
    .option('--max-rate <calls>', 'more calls in a second are answered 1302', positiveInteger)
    .option('--no-validate', 'do not fetch and check the videos');
  addSettingFlags(command, SETTING_FLAGS).addHelpText(
    'after',
    '\nExample:\n  kling-sessions sandbox --scenario throttle-storm',
  );
  command.action(async (flags: SandboxFlags & Record<string, unknown>) => onExit(await run(flags)));
}

async function run(flags: SandboxFlags & Record<string, unknown>): Promise<ExitCode> {
  const terminal = createTerminal(process.env);
  const settings = loadSettings(flagsAsEnvironment(flags, SETTING_FLAGS));
  using signals = listenForStop(0);
  await using sandbox = await openSandbox(settings, flags);
  terminal.print(`API_BASE_URL=${sandbox.apiBaseUrl}`);
  terminal.print(`COMETAPI_KEY=${SANDBOX_KEY}`);
  terminal.print(`PROBE_ALLOW_HOSTS=${new URL(sandbox.url).host}`);
  terminal.say('Practice API is listening; Ctrl-C stops it.');
  await new Promise((resolve) =>
    signals.stopping.addEventListener('abort', resolve, { once: true }),
  );
  return EXIT.ok;
}
