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
 * Asks a question that is answered with y or n; anything but y is no. Without a terminal there is no question: what a
 * script is told, it does.
 * @throws CliError (130) when the answer is no, none comes within 10 minutes, or the input ends.
 */
export async function askFirst(terminal: Terminal, question: string): Promise<void> {
  if (!canAsk(terminal)) return;
  terminal.live();
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  const signal = AbortSignal.timeout(LONGEST_WAIT_MS);
  const ended = once(lines, 'close').then(() => {
    process.stderr.write('\n');
    return '';
  });
  const answered = lines.question(`${question} [y/N] `, { signal }).catch(() => {
    process.stderr.write('\n');
    return '';
  });
  const answer = await Promise.race([answered, ended]);
  lines.close();
  if (/^y(es)?$/i.test(answer.trim())) return;
  throw new CliError(EXIT.interrupted, 'Nothing was changed.');
}
