import type { Writable } from 'node:stream';
import type { Batch } from '../../lib/core/batch/batch.ts';
import { createReportFormatter } from '../../lib/report/create-report-formatter.ts';
import { textEncoder } from '../../lib/report/encode-text.ts';
import { type RowStatus, readReport } from '../../lib/report/read-entries.ts';
import { ReportError } from '../../lib/report/report-error.ts';
import type { ReportFormat, ReportLine } from '../../lib/report/report-formatter.ts';
import { checkDestination, writeReport } from '../../lib/report/write-report.ts';
import type { BatchStore } from '../../lib/store/batch-store.ts';
import { CliError, EXIT } from '../process/exit.ts';
import { reportFormatOf } from './report-place.ts';

export interface ReportRequest {
  destination: string | Writable;
  /** Default: from the destination's extension, otherwise CSV. */
  format?: ReportFormat;
  statuses?: ReadonlySet<RowStatus>;
  /** Whether formulas in the user's own cells are escaped, too. Default false. */
  escapesFormulas?: boolean;
  /** The lines, if they are not those of the batch alone, and how many there are at most. */
  lines?: { of: AsyncIterable<readonly ReportLine[]>; count: number };
  /** Ends it early; no partial file is left. Default never. */
  signal?: AbortSignal;
}

/**
 * @throws CliError (1) when the destination cannot be written, or the format cannot hold the report. No partial file
 *   is left.
 */
export async function writeBatchReport(
  store: BatchStore,
  batch: Batch,
  request: ReportRequest,
): Promise<number> {
  const { destination, statuses = null } = request;
  const { of, count } = request.lines ?? {
    of: readReport(store, batch, statuses),
    count: batch.rows,
  };
  const format = request.format ?? formatOf(destination);
  try {
    const formatter = createReportFormatter(batch.shape, format, {
      maxCells: batch.maxCells,
      escapesOwnCells: request.escapesFormulas ?? false,
      ...(statuses === null && { rows: count }),
    });
    const lines = untilAborted(of, request.signal);
    return await writeReport(formatter, lines, destination, textEncoder(batch.shape, format));
  } catch (error) {
    // The reader closed early, as with `| head`.
    if (error instanceof ReportError && error.code === 'EPIPE') return 0;
    return asCliError(error);
  }
}

/**
 * @throws CliError (1) when a report cannot be written there. It is better to know this before a long run than after
 *   it.
 */
export async function checkReportPlace(path: string): Promise<void> {
  await checkDestination(path).catch(asCliError);
}

async function* untilAborted<T>(
  lines: AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  for await (const some of lines) {
    signal?.throwIfAborted();
    yield some;
  }
}

function asCliError(error: unknown): never {
  throw error instanceof ReportError ? new CliError(EXIT.unexpected, error.message) : error;
}

const formatOf = (destination: string | Writable): ReportFormat =>
  typeof destination === 'string' ? reportFormatOf(destination) : 'csv';
