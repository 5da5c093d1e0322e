import type { Logger } from 'pino';
import { describeError } from './describe-error.ts';

import type { Log } from './log.ts';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** The logger of the worker's parts. `err` is logged without the secrets that clients' errors carry. */
export function toLogger(log: Log | undefined, bindings: object = {}): Logger {
  const writeOf =
    (level: (typeof LEVELS)[number]) =>
    (...given: [fields: object, message: string] | [message: string]): void => {
      const [fields, message] = given.length === 2 ? given : [{}, ...given];
      log?.[level]({ ...bindings, ...withPlainError(fields) }, message);
    };
  const logger = {
    ...Object.fromEntries(LEVELS.map((level) => [level, writeOf(level)])),
    child: (more: object): Logger => toLogger(log, { ...bindings, ...more }),
  };
  return logger as unknown as Logger;
}

const withPlainError = (fields: { err?: unknown }): object =>
  fields.err === undefined ? fields : { ...fields, err: describeError(fields.err) };
