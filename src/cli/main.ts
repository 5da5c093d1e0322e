#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { isRedisTrouble } from '../lib/redis-trouble.ts';
import { addBatchesCommand } from './commands/batches.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addGateCommand } from './commands/gate.ts';
import { addImportCommand } from './commands/import.ts';
import { addPauseAndResumeCommands } from './commands/pause-resume.ts';
import { addProbeCommand } from './commands/probe.ts';
import { addResultsCommand } from './commands/results.ts';
import { addRunCommand } from './commands/run.ts';
import { addSandboxCommand } from './commands/sandbox.ts';
import { addStatusCommand } from './commands/status.ts';
import { addVerifyCommand } from './commands/verify.ts';
import { addWorkerCommand } from './commands/worker.ts';
import { CliError, EXIT, type ExitCode } from './exit.ts';

const COMMANDS = [
  addRunCommand,
  addImportCommand,
  addWorkerCommand,
  addBatchesCommand,
  addStatusCommand,
  addResultsCommand,
  addVerifyCommand,
  addPauseAndResumeCommands,
  addGateCommand,
  addSandboxCommand,
  addProbeCommand,
  addDoctorCommand,
];

function buildProgram(onExit: (code: ExitCode) => void): Command {
  const program = new Command('kling-sessions')
    .description(
      'Opens Kling video-editing sessions in bulk: a manifest of videos in, one session id per row out.',
    )
    .version(readVersion())
    .showHelpAfterError('(add --help for help)')
    .exitOverride();
  for (const add of COMMANDS) add(program, onExit);
  for (const command of program.commands) command.exitOverride();
  return program;
}

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(text) as { version: unknown }).version);
}

/** What an error means for the exit code; prints its one sentence. */
function settle(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof CliError) {
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
  if (isRedisTrouble(error)) {
    process.stderr.write(
      `Redis failed: ${error instanceof Error ? error.message : error}. Try again.\n`,
    );
    return EXIT.unavailable;
  }
  if (error instanceof Error && error.name === 'AbortError') return EXIT.interrupted;
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return EXIT.unexpected;
}

let exitCode: ExitCode = EXIT.ok;
try {
  await buildProgram((code) => {
    exitCode = code;
  }).parseAsync();
} catch (error) {
  exitCode = settle(error);
}
process.exitCode = exitCode;
