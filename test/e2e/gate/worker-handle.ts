import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

/** The environment of a process that a test starts; without the tester's own settings. */
function environmentOf(settings: Record<string, string>): NodeJS.ProcessEnv {
  const { PATH, HOME, TZ, LANG } = process.env;
  return { PATH, HOME, TZ, LANG, NO_COLOR: '1', ...settings };
}

/** Starts the built program. */
export function spawnProgram(args: string[], cwd: string, settings: Record<string, string>) {
  return spawn(process.execPath, [PROGRAM, ...args], {
    cwd,
    env: environmentOf(settings),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** A line of a worker's log. */
export interface LogLine {
  level: number;
  msg: string;
  pid: number;
  sentence?: string | null;
  row?: number;
}

/** A worker process as a user starts it. */
export class WorkerHandle {
  readonly log: LogLine[] = [];
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  constructor(folder: string, settings: Record<string, string>) {
    const child = spawnProgram(['worker'], folder, settings);
    this.#child = child;
    this.#exited = once(child, 'exit');
    createInterface({ input: child.stderr }).on('line', (line) => {
      this.log.push(line.startsWith('{') ? JSON.parse(line) : { level: 50, msg: line, pid: 0 });
    });
  }

  /** How often a message occurs in the log. */
  said(message: string): number {
    return this.log.filter(({ msg }) => msg === message).length;
  }

  get hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Sends the signal and waits until the process has gone. May run twice. */
  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.hasExited) return;
    this.#child.kill(signal);
    await this.#exited;
  }
}
