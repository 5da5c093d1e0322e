/** One level of a log: constant messages with fields; docs/events.md lists them. */
type Write = (fields: object, message: string) => void;

/** Where a worker logs. A logger of pino is one, and so is an adapter of four lines for any other. */
export interface Log {
  debug: Write;
  info: Write;
  warn: Write;
  error: Write;
}
