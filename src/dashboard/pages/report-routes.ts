import { PassThrough, Readable } from 'node:stream';
import type { Batch } from '../../lib/core/batch/batch.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../../lib/core/row/row.ts';
import { createReportFormatter } from '../../lib/report/create-report-formatter.ts';
import { type RowStatus, readReport } from '../../lib/report/read-entries.ts';
import { ReportError } from '../../lib/report/report-error.ts';
import type { ReportFormat, ReportFormatter } from '../../lib/report/report-formatter.ts';
import { writeReport } from '../../lib/report/write-report.ts';
import type { DashboardContext } from '../dashboard-env.ts';
import { describeUnused, someOf } from '../parameters.ts';
import type { DashboardPorts } from '../ports.ts';
import { type Route, view } from '../route.ts';
import { refuse } from './refusal.ts';

const ALL: readonly RowStatus[] = [...PENDING_STATES, ...OUTCOME_STATUSES];
const PARAMETERS = { status: someOf(ALL) };

const TYPES: Record<Exclude<ReportFormat, 'tsv'>, string> = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/jsonl; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};
type Format = keyof typeof TYPES;

/** The formats that can be downloaded, with their media types. */
export const REPORT_TYPES = Object.entries(TYPES) as [Format, string][];

/** The same report as `results`; CSV is escaped as with `--guard`, because it will be opened in a spreadsheet. */
export const reportRoutes = (ports: DashboardPorts): Route[] =>
  REPORT_TYPES.map(([format]) =>
    view(`/batches/:id/report.${format}`, async (context) => {
      // A file cannot say what it does not use.
      const [sentence] = describeUnused(PARAMETERS, new URL(context.req.url).searchParams);
      if (sentence !== undefined) return await refuse(context, { kind: 'unusable', sentence });
      return await sendReport(ports, context, format);
    }),
  );

/** `:id` of the path names the batch, `status` of the query which rows. */
export async function sendReport(
  ports: DashboardPorts,
  context: DashboardContext,
  format: Format,
): Promise<Response> {
  const id = context.req.param('id') ?? '';
  const batch = await ports.store.readBatch(id);
  if (batch === null) return await refuse(context, { kind: 'not_found', what: `batch ${id}` });
  const statuses = readStatuses(context.req.query('status'));
  const formatter = formatterFor(batch, format, statuses);
  if (formatter instanceof ReportError) {
    return await refuse(context, { kind: 'impossible', sentence: formatter.message });
  }
  context.header('Content-Type', TYPES[format]);
  const part = statuses === null ? 'results' : 'rows';
  context.header('Content-Disposition', `attachment; filename="${id}.${part}.${format}"`);
  return context.body(streamOf(ports, batch, formatter, statuses));
}

function formatterFor(
  batch: Batch,
  format: Format,
  statuses: ReadonlySet<RowStatus> | null,
): ReportFormatter | ReportError {
  try {
    return createReportFormatter(batch.shape, format, {
      maxCells: batch.maxCells,
      escapesOwnCells: format === 'csv',
      ...(statuses === null && { rows: batch.rows }),
    });
  } catch (error) {
    if (error instanceof ReportError) return error;
    throw error;
  }
}

/** A report that cannot be finished ends with a broken connection, so that a part is not mistaken for the whole. */
function streamOf(
  { store, log }: DashboardPorts,
  batch: Batch,
  formatter: ReportFormatter,
  statuses: ReadonlySet<RowStatus> | null,
): ReadableStream {
  const stream = new PassThrough();
  writeReport(formatter, readReport(store, batch, statuses), stream).then(
    () => stream.end(),
    (error) => {
      if (!stream.destroyed) log.warn({ err: error, batch: batch.id }, 'download interrupted');
      stream.destroy(error instanceof Error ? error : undefined);
    },
  );
  return Readable.toWeb(stream) as ReadableStream;
}

function readStatuses(list: string | undefined): ReadonlySet<RowStatus> | null {
  if (list === undefined || list === '') return null;
  const wanted = new Set(list.split(','));
  return new Set(ALL.filter((status) => wanted.has(status)));
}
