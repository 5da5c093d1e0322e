import { Command } from 'commander';
import { addBatchesCommand } from './commands/batches.ts';
import { addDashboardCommand } from './commands/dashboard.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addGateCommand } from './commands/gate.ts';
import { addImportCommand } from './commands/import.ts';
import { addNotifyCommand } from './commands/notify.ts';
import { addProbeCommand } from './commands/probe.ts';
import { addResultsCommand } from './commands/results.ts';
import { addRowCommand } from './commands/row.ts';
import { addRunCommand } from './commands/run.ts';
import { addSandboxCommand } from './commands/sandbox.ts';
import { addStatusCommand } from './commands/status.ts';
import { addSteeringCommands } from './commands/steer.ts';
import { addVerifyCommand } from './commands/verify.ts';
import { addWorkerCommand } from './commands/worker.ts';
import type { ExitCode } from './exit.ts';
import { readVersion } from './version.ts';

const COMMANDS = [
  addRunCommand,
  addImportCommand,
  addWorkerCommand,
  addBatchesCommand,
  addStatusCommand,
  addRowCommand,
  addResultsCommand,
  addVerifyCommand,
  addSteeringCommands,
  addGateCommand,
  addNotifyCommand,
  addDashboardCommand,
  addSandboxCommand,
  addProbeCommand,
  addDoctorCommand,
];

/** The command line as it is defined; nothing runs before it is told to parse. */
export function buildProgram(onExit: (code: ExitCode) => void): Command {
  const program = new Command('kling-sessions')
    .description(
      'Opens Kling video-editing sessions in bulk: a manifest of videos in, one session id per row out.',
    )
    .version(readVersion())
    .showHelpAfterError('(add --help for help)')
    .exitOverride();
  for (const add of COMMANDS) add(program, onExit);
  return program;
}
