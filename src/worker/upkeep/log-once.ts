import type { Logger } from 'pino';

/** Enough to know what was said; beyond it things are said again. */
const REMEMBERED = 1_000;
const saidBy = new WeakMap<Logger, Set<string>>();

/** Says what is found again at every look only once for each `key`, as long as this process lives. */
export function logOnce(log: Logger, key: string, say: () => void): void {
  const said = saidBy.get(log) ?? new Set();
  saidBy.set(log, said);
  if (said.has(key)) return;
  if (said.size >= REMEMBERED) said.clear();
  said.add(key);
  say();
}
