import { stripVTControlCharacters } from 'node:util';
import { cutText } from './text-width.ts';

/** Output of a command: results to stdout, everything else to stderr. */
export interface Terminal {
  /** A line of the result. */
  print(line: string): void;
  /** A line for the person at the terminal or the log. */
  say(line: string): void;
  /** Replaces the lines that this method showed last. Long lines are cut. Shows nothing without a terminal. */
  live(...lines: string[]): void;
  /** The width at which lines of `live` are cut. */
  liveColumns: number;
  /** Whether stderr is a terminal. */
  isInteractive: boolean;
  /** The width of the terminal that the result is printed on; null when stdout is not a terminal. */
  columns: number | null;
  /** Wraps text in an ANSI style, unless colours are off. */
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
  // A person may make the window narrower meanwhile.
  const liveColumns = (): number => (stderr.columns || 80) - ROOM_FOR_CTRL_C;
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
      // No line may wrap and the first one may not scroll away, because then the next lines could not replace them.
      const fitting = lines.slice(0, (stderr.rows || 24) - 1);
      const text = fitting.map((line) => cutText(line, liveColumns())).join('\n');
      stderr.write(toTopOf(shown) + text);
      shown = fitting.length;
    },
    get liveColumns() {
      return liveColumns();
    },
    style: (style, text) => (hasColour ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text),
  };
}

/** The terminal writes `^C` after the last line; that must not wrap either. */
const ROOM_FOR_CTRL_C = 3;

/** Moves from the end of this many lines to the beginning of the first one and clears all of them. */
const toTopOf = (lines: number): string =>
  `\r${lines > 1 ? `\u001b[${lines - 1}A` : ''}\u001b[${lines > 1 ? 'J' : '2K'}`;

/** A terminal gets styles; a file or a pipe does not. Each stream is judged on its own. */
const forStream = ({ isTTY }: NodeJS.WriteStream, line: string): string =>
  isTTY ? line : stripVTControlCharacters(line);
