import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { cellQuoter, escapeFormula } from '../../lib/report/csv-report.ts';
import type { PlanFinding } from '../../producer/plan-import.ts';
import { CliError, EXIT } from '../process/exit.ts';

const COLUMNS = ['line', 'row', 'kind', 'code', 'column', 'value', 'message'] as const;
const quoteCell = cellQuoter(',');
const WRITE_CHARS = 256 * 1024;

/**
 * Everything that a plan reports about single rows, as CSV, one line each. The first call of `write` creates the
 * file, which takes its final name when it is complete. Disposing discards an unfinished file.
 */
export class ProblemsFile implements AsyncDisposable {
  readonly #path: string;
  readonly #temporaryPath: string;
  #handle: FileHandle | null = null;
  #pending = `${COLUMNS.join(',')}\n`;

  constructor(path: string) {
    this.#path = path;
    this.#temporaryPath = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  }

  /** @throws CliError (1) when it cannot be written. */
  async write(findings: readonly PlanFinding[]): Promise<void> {
    this.#handle ??= await open(this.#temporaryPath, 'wx').catch((error) => this.#fail(error));
    this.#pending += findings.map(toLine).join('');
    if (this.#pending.length >= WRITE_CHARS) await this.#flush(this.#handle);
  }

  /**
   * The path of the finished file; null when nothing was written.
   * @throws CliError (1) when it cannot be written.
   */
  async finish(): Promise<string | null> {
    if (this.#handle === null) return null;
    await this.#flush(this.#handle);
    await this.#handle.close();
    this.#handle = null;
    await rename(this.#temporaryPath, this.#path).catch((error) => this.#fail(error));
    return this.#path;
  }

  async #flush(handle: FileHandle): Promise<void> {
    const text = this.#pending;
    this.#pending = '';
    await handle.writeFile(text).catch((error) => this.#fail(error));
  }

  #fail(error: NodeJS.ErrnoException): never {
    throw new CliError(
      EXIT.unexpected,
      `The problems cannot be written to ${this.#path} (${error.code ?? error.message}); name another file with --problems.`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#handle === null) return;
    await this.#handle.close();
    await unlink(this.#temporaryPath).catch(() => undefined);
  }
}

function toLine(finding: PlanFinding): string {
  const cells = COLUMNS.map((column) => quoteCell(escapeFormula(String(finding[column] ?? ''))));
  return `${cells.join(',')}\n`;
}
