import { isatty } from 'node:tty';
import { type DestinationStream, destination, type Logger, pino } from 'pino';
import { describeError } from '../../library/working/describe-error.ts';

const STDERR = 2;
const MOST_KEPT_BYTES = 1_048_576;

/** `auto` is `text` on a terminal and `json` elsewhere. */
export type LogFormat = 'auto' | 'json' | 'text';

/**
 * Logs to stderr, as JSON lines or, on a terminal, as text; docs/events.md lists the events. If a line cannot be
 * written, as on a full disk, the work continues and at most the last MiB of lines is kept.
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
  return (line) => pretty(withShortError(JSON.parse(line.replace(CONTROL_CHARACTERS, ''))));
}

/** A reason without a stack follows the message, on the same line. */
function withShortError(entry: { msg: string; err?: { message?: string; stack?: string } }) {
  const { err, ...others } = entry;
  if (err?.message === undefined || err.stack !== undefined) return entry;
  return { ...others, msg: `${entry.msg}: ${err.message}` };
}

/**
 * Control characters, escaped as in JSON: text from servers could otherwise control the terminal. JSON lines keep
 * them escaped.
 */
const CONTROL_CHARACTERS = /\\u00(?:[01][0-9a-f]|7f)|[\u007f-\u009f]/gi;

/**
 * Pino's own stream keeps everything it could not write, or stops for good at a limit; so it is replaced by a new
 * one.
 */
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
 * The log level of `run`: the requested one. By default nothing on a terminal, where the live line shows the state,
 * and warnings elsewhere.
 */
export function chooseRunLogLevel(given: string | undefined, isInteractive: boolean): string {
  if (given) return given;
  return isInteractive ? 'silent' : 'warn';
}
