/** What a command says to whom: results to stdout, everything else to stderr. */
export interface Terminal {
  /** A line of the result. */
  print(line: string): void;
  /** A line for the person at the terminal or the log. */
  say(line: string): void;
  /** Replaces the one live line; without a terminal nothing is shown. */
  live(line: string): void;
  /** Whether somebody watches stderr. */
  isInteractive: boolean;
  /** Wraps text in an ANSI style, or leaves it where colours are not wanted. */
  style(style: Style, text: string): string;
}

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
export type Style = keyof typeof STYLES;

export function createTerminal(environment: NodeJS.ProcessEnv): Terminal {
  const { stdout, stderr } = process;
  const isInteractive = stderr.isTTY === true && environment.TERM !== 'dumb';
  const hasColour = isInteractive && !environment.NO_COLOR;
  let isLive = false;
  const clear = (): void => {
    if (isLive) stderr.write('\r\u001b[2K');
    isLive = false;
  };
  return {
    isInteractive,
    print: (line) => {
      clear();
      stdout.write(`${line}\n`);
    },
    say: (line) => {
      clear();
      stderr.write(`${line}\n`);
    },
    live: (line) => {
      if (!isInteractive) return;
      const width = (stderr.columns ?? 80) - 1;
      stderr.write(`\r\u001b[2K${cut(line, width)}`);
      isLive = true;
    },
    style: (style, text) => (hasColour ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text),
  };
}

/** A live line must not wrap, or the next one could not replace it. */
function cut(line: string, width: number): string {
  const characters = [...line];
  return characters.length <= width ? line : `${characters.slice(0, width - 1).join('')}…`;
}
