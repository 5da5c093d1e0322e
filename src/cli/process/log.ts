import { isatty } from 'node:tty';
import { type DestinationStream, destination, type Logger, pino } from 'pino';
import { redactUrls } from '../../lib/core/redact-url.ts';

const STDERR = 2;
const MOST_KEPT_BYTES = 1_048_576;

/** `auto` is `text` on a terminal and `json` elsewhere. */
export type LogFormat = 'auto' | 'json' | 'text';

/**
 * JSON lines on stderr, or readable ones on a terminal; the events are listed in `docs/events.md`. Where they cannot be written, as on a full disk, the work
 * goes on, and at most the last MiB is not lost.
 */
export async function createLog(
  level: string,
  format: LogFormat = 'auto',
  fd = STDERR,
): Promise<Logger> {
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: describeError },
    },
    openOutput(fd, await loadFormat(format, fd)),
  );
}

/** How a JSON line is written. Only a log as text loads the package that makes it. */
async function loadFormat(format: LogFormat, fd: number): Promise<(line: string) => string> {
  if (format === 'json' || (format === 'auto' && !isatty(fd))) return (line) => line;
  const { prettyFactory } = await import('pino-pretty');
  const pretty = prettyFactory({
    colorize: isatty(fd) && !process.env.NO_COLOR && process.env.TERM !== 'dumb',
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid',
    singleLine: true,
  });
  return (line) => pretty(line.replace(CONTROL_CHARACTERS, ''));
}

/** As JSON writes them. In words of servers they could steer the terminal; JSON lines leave them escaped. */
const CONTROL_CHARACTERS = /\\u00(?:[01][0-9a-f]|7f)|[\u007f-\u009f]/gi;

/** Pino's own keeps all that it could not write, or up to a limit, and takes nothing more from then on; so a new one follows. */
function openOutput(fd: number, format: (line: string) => string): DestinationStream {
  const open = (): DestinationStream => {
    const lines = destination({ fd, sync: true, maxLength: MOST_KEPT_BYTES });
    lines.on('error', () => {});
    lines.on('drop', () => {
      output = open();
    });
    return lines;
  };
  let output = open();
  return { write: (line) => output.write(format(line)) };
}

/**
 * What `run` logs: as asked for by flag or environment; otherwise nothing on a terminal, where the live line
 * says it, and elsewhere what a person should see.
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
