/** One level of a log: constant messages with fields; docs/events.md lists them. */
type Write = (fields: object, message: string) => void;

/** Where a worker logs. A pino logger fits as it is; any other logger needs an adapter of four lines. */
export interface Log {
  debug: Write;
  info: Write;
  warn: Write;
  error: Write;
}
