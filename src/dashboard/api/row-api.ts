import { z } from 'zod';
import type { Batch } from '../../lib/core/batch/batch.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../../lib/core/row/row.ts';
import { findByKey } from '../../lib/rows/find-by-key.ts';
import type { DashboardPorts } from '../ports.ts';
import { parseMatchPlace, readRow, readRows, showMatches } from '../read/read-rows.ts';
import { type ApiRoute, answerWith, get, refuseWith } from './api-route.ts';
import { foundRows, rowPage, rowView } from './api-schemas.ts';
import { cursor, pageQuery } from './paging.ts';
import { withBatch } from './with-batch.ts';

const ROW_STATUSES = [...PENDING_STATES, ...OUTCOME_STATUSES] as const;

const statusList = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(ROW_STATUSES)))
  .describe(`Some of ${ROW_STATUSES.join(', ')}, comma-separated.`);

/** A row's number: a page may begin after any row. */
const parseRow = (text: string): number | null => (/^\d{1,10}$/.test(text) ? Number(text) : null);

const rowQuery = pageQuery(parseRow).extend({
  status: statusList.optional(),
  code: z.string().max(200).optional().describe('The error code that rows ended with.'),
  text: z
    .string()
    .max(200)
    .optional()
    .describe('Part of a cell; upper and lower case count as the same.'),
  after: cursor(parseRow)
    .default(0)
    .describe('`next` of the page before, or the number of the row before the first one.'),
});
type RowsQuery = z.output<typeof rowQuery>;

const findQuery = pageQuery(parseMatchPlace).extend({
  key: z
    .string()
    .min(1)
    .max(5_000)
    .describe(
      'The value of the column that `key` named at the import, exactly; of several columns, with commas between.',
    ),
});

export const rowApi = (ports: DashboardPorts): ApiRoute[] => [
  get(
    '/find',
    { summary: 'Find rows of all batches by your own key', query: findQuery, answer: foundRows },
    async ({ query: { key, ...page } }) =>
      answerWith(showMatches(await findByKey(ports, key, { ...page, nowMs: ports.now() }))),
  ),
  get(
    '/batches/:id/rows',
    { summary: 'Find rows', query: rowQuery, answer: rowPage },
    async ({ context, query }) =>
      withBatch(ports, context, async (batch) => answerWith(await pageRows(ports, batch, query))),
  ),
  get('/batches/:id/rows/:row', { summary: 'Read row', answer: rowView }, async ({ context }) =>
    withBatch(ports, context, async (batch) => {
      const row = await readRow(ports, batch, context.req.param('row') ?? '');
      return row === null ? refuseWith({ kind: 'not_found', what: 'such row' }) : answerWith(row);
    }),
  ),
];

async function pageRows(
  ports: DashboardPorts,
  batch: Batch,
  { status, code, text, after, limit }: RowsQuery,
): Promise<z.input<typeof rowPage>> {
  const { nextRow, ...page } = await readRows(ports, batch, {
    statuses: status === undefined ? null : new Set(status),
    code: code || null,
    text: text || null,
    fromRow: after + 1,
    limit,
  });
  return { ...page, next: nextRow === null ? null : String(nextRow - 1) };
}
