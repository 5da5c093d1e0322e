import { explainOutputError, OutputFile } from '../../lib/files/output-file.ts';
import { cellQuoter, escapeFormula } from '../../lib/report/csv-report.ts';
import type { PlanFinding } from '../../producer/plan-import.ts';
import { CliError, EXIT } from '../process/exit.ts';

const COLUMNS = ['line', 'row', 'kind', 'code', 'column', 'value', 'message'] as const;
const quoteCell = cellQuoter(',');
const WRITE_CHARS = 256 * 1024;

/**
 * Everything that a plan reports about single rows, as CSV, one line each. The first call of `write` creates the
 * file; see `OutputFile`. Disposing discards an unfinished file.
 */
export class ProblemsFile implements AsyncDisposable {
  readonly #path: string;
  #file: OutputFile | null = null;
  #pending = `${COLUMNS.join(',')}\n`;

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws CliError (1) when it cannot be written. */
  async write(findings: readonly PlanFinding[]): Promise<void> {
    this.#file ??= await OutputFile.open(this.#path).catch((error) => this.#fail(error));
    this.#pending += findings.map(toLine).join('');
    if (this.#pending.length >= WRITE_CHARS) await this.#flush(this.#file);
  }

  /**
   * The path of the finished file; null when nothing was written.
   * @throws CliError (1) when it cannot be written.
   */
  async finish(): Promise<string | null> {
    if (this.#file === null) return null;
    await this.#flush(this.#file);
    await this.#file.finish().catch((error) => this.#fail(error));
    return this.#path;
  }

  async #flush(file: OutputFile): Promise<void> {
    const text = this.#pending;
    this.#pending = '';
    await file.write(text).catch((error) => this.#fail(error));
  }

  #fail(error: NodeJS.ErrnoException): never {
    throw new CliError(
      EXIT.unexpected,
      `The problems cannot be written to ${this.#path}: ${explainOutputError(error, '--problems')}.`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.[Symbol.asyncDispose]();
  }
}

function toLine(finding: PlanFinding): string {
  const cells = COLUMNS.map((column) => quoteCell(escapeFormula(String(finding[column] ?? ''))));
  return `${cells.join(',')}\n`;
}
