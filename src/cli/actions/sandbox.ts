import type { Settings } from '../../lib/settings/settings.ts';
import { EXIT, type ExitCode } from '../process/exit.ts';
import { listenForStop, untilAborted } from '../process/signals.ts';
import { createTerminal } from '../process/terminal.ts';
import { openSandbox, SANDBOX_KEY, type SandboxFlags } from '../wiring/sandbox.ts';

export async function executeSandbox(flags: SandboxFlags, settings: Settings): Promise<ExitCode> {
  const terminal = createTerminal(process.env);
  using signals = listenForStop(0);
  await using sandbox = await openSandbox(settings, flags);
  terminal.print(`API_BASE_URL=${sandbox.apiBaseUrl}`);
  terminal.print(`COMETAPI_KEY=${SANDBOX_KEY}`);
  terminal.print(`PROBE_ALLOW_HOSTS=${new URL(sandbox.url).host}`);
  terminal.say('Practice API is listening; Ctrl-C stops it.');
  await untilAborted(signals.stopping);
  return EXIT.ok;
}
