import { destination, type Logger, pino } from 'pino';

/** JSON lines on stderr; the events are listed in `docs/events.md`. */
export function createLog(level: string): Logger {
  return pino(
    { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    destination({ fd: 2, sync: true }),
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
