import { stripVTControlCharacters } from 'node:util';
import { cutText } from './text-width.ts';

/** What a command says to whom: results to stdout, everything else to stderr. */
export interface Terminal {
  /** A line of the result. */
  print(line: string): void;
  /** A line for the person at the terminal or the log. */
  say(line: string): void;
  /** Replaces the lines that were shown so last; without a terminal nothing is shown. */
  live(...lines: string[]): void;
  /** Whether stderr is a terminal. */
  isInteractive: boolean;
  /** Of the terminal that the result is printed on; null where it goes elsewhere. */
  columns: number | null;
  /** Wraps text in an ANSI style, or leaves it where colours are not wanted. */
  style(style: Style, text: string): string;
}

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
export type Style = keyof typeof STYLES;

export function createTerminal(environment: NodeJS.ProcessEnv): Terminal {
  const { stdout, stderr } = process;
  const isDumb = environment.TERM === 'dumb';
  const isInteractive = stderr.isTTY === true && !isDumb;
  const hasColour = !environment.NO_COLOR && !isDumb;
  let shown = 0;
  const clear = (): void => {
    if (shown > 0) stderr.write(toTopOf(shown));
    shown = 0;
  };
  return {
    isInteractive,
    columns: stdout.isTTY ? stdout.columns : null,
    print: (line) => {
      clear();
      stdout.write(`${forStream(stdout, line)}\n`);
    },
    say: (line) => {
      clear();
      stderr.write(`${forStream(stderr, line)}\n`);
    },
    live: (...lines) => {
      if (!isInteractive) return;
      // A line must not wrap, nor the first one scroll away, or the next ones could not replace them.
      const fitting = lines.slice(0, (stderr.rows || 24) - 1);
      const width = (stderr.columns || 80) - ROOM_FOR_CTRL_C;
      const text = fitting.map((line) => cutText(line, width)).join('\n');
      stderr.write(toTopOf(shown) + text);
      shown = fitting.length;
    },
    style: (style, text) => (hasColour ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text),
  };
}

/** The terminal itself writes `^C` behind the last line; it must not wrap either. */
const ROOM_FOR_CTRL_C = 3;

/** From the end of so many lines to the beginning of the first one, clearing all of them. */
const toTopOf = (lines: number): string =>
  `\r${lines > 1 ? `\u001b[${lines - 1}A` : ''}\u001b[${lines > 1 ? 'J' : '2K'}`;

/** A terminal gets styles; a file or a pipe does not, whatever the other stream is. */
const forStream = ({ isTTY }: NodeJS.WriteStream, line: string): string =>
  isTTY ? line : stripVTControlCharacters(line);
