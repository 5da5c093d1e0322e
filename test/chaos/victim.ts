import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const KEPT_LINES = 400;

export interface LogLine {
  level: number;
  msg: string;
  err?: { message?: string; stack?: string };
}

/** A process of the built program, to kill or freeze. */
export class Victim {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  /** The last lines of stderr. */
  readonly log: LogLine[] = [];
  /** How often each message was logged, with its error, without the numbers in it. */
  readonly said = new Map<string, number>();
  stdout = '';
  /** Null while it runs. */
  exitedAtMs: number | null = null;

  /** `settings`: its only environment, besides what any program needs. */
  constructor(args: string[], cwd: string, settings: Record<string, string>) {
    const { PATH, HOME, TZ, LANG } = process.env;
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      cwd,
      env: { PATH, HOME, TZ, LANG, NO_COLOR: '1', ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#closed = once(child, 'close');
    child.once('exit', () => {
      this.exitedAtMs = Date.now();
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    createInterface({ input: child.stderr }).on('line', (line) => this.#read(line));
  }

  #read(text: string): void {
    const line: LogLine = text.startsWith('{') ? JSON.parse(text) : { level: 50, msg: text };
    const { msg, err } = line;
    const what =
      err?.message === undefined ? msg : `${msg}: ${err.message.replace(/\S*\d\S*/g, '…')}`;
    this.said.set(what, (this.said.get(what) ?? 0) + 1);
    this.log.push(line);
    if (this.log.length > KEPT_LINES) this.log.shift();
  }

  get hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** The exit code, or the signal that ended it. */
  async ended(): Promise<number | NodeJS.Signals | null> {
    await this.#closed;
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  /** Sends a signal, and SIGKILL if that has not helped after `limitMs`; false when SIGKILL was needed. */
  async end(name: NodeJS.Signals, limitMs = 30_000): Promise<boolean> {
    this.signal(name);
    const late = new AbortController();
    const isGone = await Promise.race([
      this.#closed.then(() => true),
      wait(limitMs, false, { signal: late.signal }).catch(() => false),
    ]);
    late.abort();
    if (!isGone) this.signal('SIGKILL');
    await this.#closed;
    return isGone;
  }
}
