import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Position, parsePosition } from '../../../src/lib/core/feed/position.ts';

const PROGRAM = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

/** A row as a follower has last seen it: the line of a JSONL report. */
export type ResultLine = Readonly<Record<string, string | number | boolean | null>>;

/**
 * Another program behind `results --follow --all`: it keeps the latest line of each row with the position, and continues
 * after it when its process was killed.
 */
export class Follower implements AsyncDisposable {
  readonly name: string;
  readonly #settings: Record<string, string>;
  readonly #rows = new Map<string, ResultLine>();
  #child: ChildProcess | null = null;
  #last: Position | null = null;
  #position: string | null = null;
  lines = 0;
  /** Lines whose position was not after the one before. */
  repeated = 0;

  constructor(name: string, settings: Record<string, string>) {
    this.name = name;
    this.#settings = settings;
  }

  /** Does nothing while its process runs. */
  start(): void {
    const isRunning = this.#child?.exitCode === null && this.#child.signalCode === null;
    if (isRunning) return;
    const after = this.#position === null ? [] : ['--after', this.#position];
    const { PATH, HOME } = process.env;
    const child = spawn(process.execPath, [PROGRAM, 'results', '--follow', '--all', ...after], {
      env: { PATH, HOME, NO_COLOR: '1', ...this.#settings },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    createInterface({ input: child.stdout }).on('line', (line) => this.#take(line));
    this.#child = child;
  }

  /** Resolves when all that its process had written was taken. */
  async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill(signal);
    await closed;
  }

  #take(text: string): void {
    // A process that is killed may leave half a line, which it has not delivered.
    if (!text.endsWith('}')) return;
    const line: ResultLine = JSON.parse(text);
    const position = parsePosition(String(line.kling_position));
    if (position === null) throw new Error(`a line without a position: ${text}`);
    if (this.#last !== null && !isBehind(position, this.#last)) this.repeated += 1;
    this.lines += 1;
    this.#last = position;
    this.#position = String(line.kling_position);
    this.#rows.set(`${line.kling_batch} ${line.kling_row}`, line);
  }

  /** The latest line of a row. */
  lineOf(batchId: string, row: number): ResultLine | undefined {
    return this.#rows.get(`${batchId} ${row}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill('SIGKILL');
  }
}

const isBehind = (one: Position, other: Position): boolean =>
  one.event > other.event || (one.event === other.event && one.row > other.row);
