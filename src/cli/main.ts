#!/usr/bin/env node
import { CommanderError } from 'commander';
import { DatabaseTrouble } from '../lib/database/database-trouble.ts';
import { explainRedisTrouble, isMissingRight, isRedisTrouble } from '../lib/redis/trouble.ts';
import { RedisUnusable } from '../lib/redis/unusable.ts';
import { UnusableRequest } from '../lib/requests/unusable-request.ts';
import { UnreadableRecord } from '../lib/store/unreadable-record.ts';
import { BatchError } from '../library/errors/batch-error.ts';
import { SettingsError } from '../library/errors/settings-error.ts';
import { ManifestError } from '../producer/manifest/manifest-error.ts';
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

function exitCodeOf(error: unknown): ExitCode | null {
  if (USAGE_ERRORS.some((one) => error instanceof one)) return EXIT.usage;
  if (error instanceof BatchError) {
    return error.code === 'import_interrupted' ? EXIT.interrupted : EXIT.usage;
  }
  if (error instanceof RedisUnusable) {
    return error.kind === 'unsuitable' ? EXIT.usage : EXIT.unavailable;
  }
  if (error instanceof DatabaseTrouble) {
    return error.kind === 'away' ? EXIT.unavailable : EXIT.usage;
  }
  return error instanceof UnreadableRecord ? EXIT.unexpected : null;
}

const USAGE_ERRORS = [ManifestError, SettingsError, UnusableRequest];

/** The message of an error that needs no stack trace; null for other errors. */
function knownError(error: unknown): Pick<CliError, 'message' | 'exitCode'> | null {
  if (error instanceof CliError) return error;
  const exitCode = exitCodeOf(error);
  return error instanceof Error && exitCode !== null ? { message: error.message, exitCode } : null;
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
