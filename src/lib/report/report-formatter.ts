import type { ManifestRow } from '../core/manifest/manifest.ts';
import type { Outcome } from '../core/row/outcome.ts';
import type { PendingState } from '../core/row/row.ts';
import type { LostCalls } from '../core/row/row-progress.ts';

export type LineFormat = 'csv' | 'tsv' | 'jsonl';
export type ReportFormat = LineFormat | 'xlsx';

/** A row and its state: the content of one line of a report. */
export interface ReportEntry {
  row: ManifestRow;
  /** Its outcome, or its state until then. */
  result: Outcome | PendingState;
  /** The lost calls of a row under way; default none. */
  lost?: LostCalls;
  /** When the call began that is under way, or was when its worker died; default none. */
  callBeganMs?: number;
  /**
   * For a `duplicate`: the outcome of the row that it repeats; null while that is unknown, and for every other row.
   */
  original: Outcome | null;
  /** The row's batch; default none. */
  batchId?: string;
}

/** The last line of a report whose manifest was not read to its end: it stands for the missing rows. */
export interface MissingRows {
  /** Without cells. */
  row: ManifestRow;
  /** What happened and what to do, in a few sentences. */
  missing: string;
}

export type ReportLine = ReportEntry | MissingRows;

export interface ReportOptions {
  /**
   * Cells of the longest row, if it is longer than the header: the header then gets unnamed columns, so that the
   * added columns stay aligned. Default: as many as the header has. Not for JSONL.
   */
  maxCells?: number;
  /** Whether formulas in the user's own cells are escaped, too. Default false. CSV only. */
  escapesOwnCells?: boolean;
  /** The number of rows, if known, so that a format that cannot hold them fails at once. */
  rows?: number;
}

export type ReportFormatter = LineFormatter | FileFormatter;

/** Turns rows into the text of a report; pure. */
export interface LineFormatter {
  /** The first line with its line end; null when the format has none. */
  readonly header: string | null;
  /** One line with its line end. Bytes instead of text for a row that is not valid UTF-8. */
  line(entry: ReportLine): string | Buffer;
}

/** Turns rows into a file that is more than its lines. */
export interface FileFormatter {
  /** The file's bytes, as fast as they are consumed. @throws ReportError; whatever `entries` throws. */
  encode(entries: AsyncIterable<readonly ReportLine[]>): AsyncIterable<Buffer>;
}
