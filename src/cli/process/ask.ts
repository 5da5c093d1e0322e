import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { CliError, EXIT } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** An abandoned terminal must not keep a connection for ever. */
const LONGEST_WAIT_MS = 10 * 60_000;

/** Whether a person can see a question and answer it. */
export const canAsk = ({ isInteractive }: Terminal): boolean =>
  isInteractive && process.stdin.isTTY;

/**
 * Asks a question that is answered with y or n; anything but y is no. Without a terminal nothing is asked: a script's
 * command counts as confirmed. `declined`: what to say after a no.
 * @throws CliError (130) when the answer is no or Ctrl-C, none comes within 10 minutes, or the input ends.
 */
export async function askFirst(
  terminal: Terminal,
  question: string,
  declined = 'Nothing was changed.',
): Promise<void> {
  if (!canAsk(terminal)) return;
  terminal.live();
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  const signal = AbortSignal.timeout(LONGEST_WAIT_MS);
  const answered = new AbortController();
  const waiting = { signal: answered.signal };
  const leave = (): string => {
    if (!answered.signal.aborted) process.stderr.write('\n');
    return '';
  };
  const answer = await Promise.race([
    once(lines, 'close', waiting).then(leave, leave),
    // Without this, Ctrl-C would end the process in the middle, or wait for calls that were never made.
    once(process, 'SIGINT', waiting).then(leave, leave),
    lines.question(`${question} [y/N] `, { signal }).catch(leave),
  ]);
  answered.abort();
  lines.close();
  if (/^y(es)?$/i.test(answer.trim())) return;
  throw new CliError(EXIT.interrupted, declined);
}
