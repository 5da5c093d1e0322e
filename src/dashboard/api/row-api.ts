import { z } from 'zod';
import { type Batch, countEnded, countPending } from '../../lib/core/batch.ts';
import { redactUrls } from '../../lib/core/redact-url.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../../lib/core/row.ts';
import { outcomeToShow } from '../../lib/report/kling-values.ts';
import { type RowStatus, statusOf } from '../../lib/report/read-entries.ts';
import type { ReportEntry } from '../../lib/report/report-formatter.ts';
import { type Ended, type RowHistory, readRowHistory } from '../../lib/row-history.ts';
import { findRows } from '../../lib/rows/find-rows.ts';
import { showCells } from '../../lib/rows/show-cells.ts';
import type { DashboardPorts } from '../ports.ts';
import { type ApiRoute, answerWith, get, refuseWith } from './api-route.ts';
import { rowPage, rowView } from './api-schemas.ts';
import { withBatch } from './with-batch.ts';

/** A page is to be there within 100 ms. */
const SEARCH_MS = 60;

const ROW_STATUSES = [...PENDING_STATES, ...OUTCOME_STATUSES] as const;

const statusList = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(ROW_STATUSES)))
  .describe(`Some of ${ROW_STATUSES.join(', ')}, comma-separated.`);

const rowQuery = z.object({
  status: statusList.optional(),
  code: z.string().max(200).optional().describe('The error code that rows ended with.'),
  text: z.string().max(200).optional().describe('Part of a cell, in any case of letters.'),
  from: z.coerce.number().int().min(1).default(1).describe('First row that is looked at.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
type RowsQuery = z.output<typeof rowQuery>;

export const rowApi = (ports: DashboardPorts): ApiRoute[] => [
  get(
    '/batches/:id/rows',
    { summary: 'Find rows', query: rowQuery, answer: rowPage },
    async ({ context, query }) =>
      withBatch(ports, context, async (batch) => answerWith(await showPage(ports, batch, query))),
  ),
  get('/batches/:id/rows/:row', { summary: 'Read row', answer: rowView }, async ({ context }) =>
    withBatch(ports, context, async (batch) => {
      const number = Number(context.req.param('row'));
      const known = Number.isSafeInteger(number) && (await readRowHistory(ports, batch, number));
      if (!known) return refuseWith({ kind: 'not_found', what: 'such row' });
      return answerWith(showRow(known));
    }),
  ),
];

async function showPage(
  ports: DashboardPorts,
  batch: Batch,
  query: RowsQuery,
): Promise<z.input<typeof rowPage>> {
  const filter = {
    statuses: query.status === undefined ? null : new Set<RowStatus>(query.status),
    code: query.code || null,
    text: query.text || null,
  };
  const [page, total] = await Promise.all([
    findRows(ports, batch, {
      ...filter,
      fromRow: query.from,
      limit: query.limit,
      budgetMs: SEARCH_MS,
    }),
    countRows(ports, batch, filter),
  ]);
  const { entries, nextRow, isCutShort } = page;
  return { columns: batch.shape.columns, rows: entries.map(showEntry), nextRow, isCutShort, total };
}

/** From the counters; null when these do not tell. */
async function countRows(
  { store }: DashboardPorts,
  { id, counts }: Batch,
  {
    statuses,
    code,
    text,
  }: { statuses: Set<RowStatus> | null; code: string | null; text: string | null },
): Promise<number | null> {
  if (text !== null || (code !== null && statuses !== null)) return null;
  if (code !== null) {
    const errors = await store.readErrors(id, Number.POSITIVE_INFINITY);
    return errors.find((error) => error.code === code)?.count ?? null;
  }
  if (statuses === null) return countPending(counts) + countEnded(counts);
  return [...statuses].reduce((sum, status) => sum + counts[status], 0);
}

function showEntry({
  row,
  result,
  original,
}: ReportEntry): z.input<typeof rowPage>['rows'][number] {
  const outcome = typeof result === 'string' ? null : outcomeToShow(result, original);
  return {
    row: row.row,
    line: row.line,
    status: statusOf(result),
    cells: showCells(row),
    session: outcome?.session ?? null,
    error: outcome?.error ?? null,
    attempts: outcome?.attempts ?? 0,
    finishedAtMs: outcome?.finishedAtMs ?? null,
  };
}

/** Addresses carry signatures, which whoever may look at rows need not know. */
function showRow(known: RowHistory): z.input<typeof rowView> {
  const { cells, source, outcome, earlier } = known;
  return {
    ...known,
    cells: cells.map(({ column, text }) => ({ column, text: redactUrls(text) })),
    source: source?.kind === 'url' ? { ...source, videoUrl: redactUrls(source.videoUrl) } : source,
    outcome,
    earlier: earlier.map(showEarlier),
  };
}

const showEarlier = ({ outcome, attempts }: Ended): z.input<typeof rowView>['earlier'][number] => ({
  outcome,
  attempts,
});
