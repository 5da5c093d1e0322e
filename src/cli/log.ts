import { destination, type Logger, pino } from 'pino';

/** JSON lines on stderr; the events are listed in `docs/events.md`. */
export function createLog(level: string): Logger {
  return pino(
    { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    destination({ fd: 2, sync: true }),
  );
}
