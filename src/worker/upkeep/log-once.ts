import type { Logger } from 'pino';

/** Limit of remembered messages; beyond it they are repeated. */
const REMEMBERED = 1_000;
const saidBy = new WeakMap<Logger, Set<string>>();

/** Logs a recurring finding only once per `key` in the life of this process. */
export function logOnce(log: Logger, key: string, say: () => void): void {
  const said = saidBy.get(log) ?? new Set();
  saidBy.set(log, said);
  if (said.has(key)) return;
  if (said.size >= REMEMBERED) said.clear();
  said.add(key);
  say();
}
