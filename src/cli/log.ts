import { destination, type Logger, pino } from 'pino';
import { redactUrls } from '../lib/core/redact-url.ts';

/**
 * JSON lines on stderr; the events are listed in `docs/events.md`. Where they cannot be written, as on a full disk, they are
 * lost and the work goes on.
 */
export function createLog(level: string): Logger {
  const stderr = destination({ fd: 2, sync: true });
  stderr.on('error', () => {});
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: describeError },
    },
    stderr,
  );
}

/**
 * What `run` logs: as asked for by flag or environment; otherwise nothing on a terminal, where the live line
 * says it, and elsewhere what somebody should see.
 */
export function chooseRunLogLevel(given: string | undefined, isInteractive: boolean): string {
  if (given) return given;
  return isInteractive ? 'silent' : 'warn';
}

/**
 * What the log says of an error. Not its other properties: ioredis hangs the whole command on them, with
 * passwords, signed addresses and session ids.
 */
function describeError(error: unknown): Record<string, string> {
  if (!(error instanceof Error)) return { message: redactUrls(String(error)) };
  const code = 'code' in error ? { code: String(error.code) } : {};
  const stack = redactUrls(error.stack ?? '');
  return { type: error.name, message: redactUrls(error.message), ...code, stack };
}
