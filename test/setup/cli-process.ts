import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const LONGEST_WAIT_MS = 90_000;

export interface CliOptions {
  cwd: string;
  /** The program's environment has only PATH and HOME besides this. */
  env?: Record<string, string>;
  /** The content of standard input, which is closed by default. */
  stdin?: string | Buffer;
  /** Gives it a terminal of this size; its output, from both streams, then arrives as stdout. */
  terminal?: TerminalSize;
}

export interface TerminalSize {
  columns: number;
  rows: number;
}

export interface CliResult {
  /** Null when a signal ended it. */
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** The built program as a process of its own. Disposing kills it. */
export class CliProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #output = { stdout: '', stderr: '' };

  constructor(args: readonly string[], { cwd, env = {}, stdin, terminal }: CliOptions) {
    const { PATH = '', HOME = '' } = process.env;
    const program = [process.execPath, MAIN, ...args];
    const [file = '', ...rest] = terminal ? onTerminal(program, terminal) : program;
    this.#child = spawn(file, rest, { cwd, env: { PATH, HOME, ...env } });
    this.#closed = once(this.#child, 'close');
    for (const name of ['stdout', 'stderr'] as const) {
      this.#child[name]?.setEncoding('utf8').on('data', (text: string) => {
        this.#output[name] += text;
      });
    }
    // A program that fails early does not read its input.
    this.#child.stdin?.on('error', () => {});
    // The end of input would be the end of the terminal.
    if (terminal === undefined) this.#child.stdin?.end(stdin);
  }

  /** Resolves when it has ended and all its output is here. */
  async result(): Promise<CliResult> {
    await this.#inTime('end', () => this.#closed);
    return { exitCode: this.#child.exitCode, ...this.#output };
  }

  /** Resolves as soon as `text` appears in its stdout or stderr; rejects if it ends before. */
  async waitForText(text: string): Promise<void> {
    await this.#untilOutput(`"${text}"`, () => this.#hasSaid(text));
  }

  /** Resolves with the first line of its stdout, such as the address of a dashboard; rejects if it ends before. */
  async firstLine(): Promise<string> {
    await this.#untilOutput('line on stdout', () => this.#output.stdout.includes('\n'));
    return this.#output.stdout.slice(0, this.#output.stdout.indexOf('\n'));
  }

  async #untilOutput(what: string, isThere: () => boolean): Promise<void> {
    await this.#inTime(what, async () => {
      while (!isThere()) {
        if (!this.isRunning) throw new Error(`no ${what}: ${this.#describe()}`);
        await this.#nextOutput();
      }
    });
  }

  async #nextOutput(): Promise<void> {
    const enough = new AbortController();
    const { signal } = enough;
    const heard = [this.#child.stdout, this.#child.stderr]
      .filter((stream) => stream !== null)
      .map((stream) => once(stream, 'data', { signal }).catch(() => undefined));
    await Promise.race([...heard, this.#closed]);
    enough.abort();
  }

  stdoutSoFar(): string {
    return this.#output.stdout;
  }

  stderrSoFar(): string {
    return this.#output.stderr;
  }

  /** Presses keys on its terminal. */
  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  #hasSaid(text: string): boolean {
    return this.#output.stdout.includes(text) || this.#output.stderr.includes(text);
  }

  #describe(): string {
    return `exit code ${this.#child.exitCode}, output ${JSON.stringify(this.#output, null, 2)}`;
  }

  async #inTime<T>(what: string, wait: () => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const fail = (): void => reject(new Error(`no ${what} in time: ${this.#describe()}`));
      timer = setTimeout(fail, LONGEST_WAIT_MS);
    });
    try {
      return await Promise.race([wait(), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#closed;
  }
}

/** `script` of util-linux, which every Debian has, runs a program on a pseudo-terminal and ends as it does. */
function onTerminal(program: readonly string[], { columns, rows }: TerminalSize): string[] {
  const words = program.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const line = `stty cols ${columns} rows ${rows} && exec ${words}`;
  return ['script', '--quiet', '--flush', '--return', '--command', line, '/dev/null'];
}
