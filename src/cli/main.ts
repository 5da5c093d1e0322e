#!/usr/bin/env node
import { CommanderError } from 'commander';
import { DatabaseTrouble } from '../lib/database/database-trouble.ts';
import { explainRedisTrouble, isMissingRight, isRedisTrouble } from '../lib/redis/trouble.ts';
import { UnusableRequest } from '../lib/requests/unusable-request.ts';
import { UnreadableRecord } from '../lib/store/unreadable-record.ts';
import { CliError, EXIT, type ExitCode } from './process/exit.ts';
import { listenAsFirstProcess } from './process/signals.ts';
import { buildProgram } from './program.ts';

/** The live line may still be on the terminal. */
function complain(text: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\u001b[2K${text}` : text);
}

/** The exit code for an error. Prints its message as one sentence. */
function settle(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const known = knownError(error);
  if (known !== null) {
    complain(`${known.message}\n`);
    return known.exitCode;
  }
  if (error instanceof Error && isRedisTrouble(error)) {
    complain(`${explainRedisTrouble(error)}\n`);
    return isMissingRight(error) ? EXIT.usage : EXIT.unavailable;
  }
  if (error instanceof Error && error.name === 'AbortError') return EXIT.interrupted;
  complain(`${error instanceof Error ? error.stack : String(error)}\n`);
  return EXIT.unexpected;
}

/** The message of an error that needs no stack trace; null for other errors. */
function knownError(error: unknown): Pick<CliError, 'message' | 'exitCode'> | null {
  if (error instanceof CliError) return error;
  if (error instanceof UnusableRequest) return { message: error.message, exitCode: EXIT.usage };
  if (error instanceof DatabaseTrouble) {
    const exitCode = error.kind === 'away' ? EXIT.unavailable : EXIT.usage;
    return { message: error.message, exitCode };
  }
  if (error instanceof UnreadableRecord) {
    return { message: error.message, exitCode: EXIT.unexpected };
  }
  return null;
}

/** A reader that closes early (`| head`) is not a failure. A full disk is, unless the command handles it itself. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  process.exitCode = EXIT.unexpected;
  setImmediate(() => {
    if (exitCode === EXIT.ok) complain(`The output cannot be written: ${error.message}\n`);
  });
});

/** A closed or full stderr must not stop the work. */
process.stderr.on('error', () => {});

listenAsFirstProcess();
let exitCode: ExitCode = EXIT.ok;
try {
  const setExitCode = (code: ExitCode): void => {
    exitCode = code;
  };
  const program = await buildProgram(setExitCode, process.argv.slice(2));
  await program.parseAsync();
} catch (error) {
  exitCode = settle(error);
}
process.exitCode ??= exitCode;
