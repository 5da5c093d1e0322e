import { z } from 'zod';
import { OUTCOME_STATUSES, PENDING_STATES } from '../../lib/core/row/row.ts';
import type { DashboardPorts } from '../ports.ts';
import { readRow, readRows, type WantedRows } from '../read/read-rows.ts';
import { type ApiRoute, answerWith, get, refuseWith } from './api-route.ts';
import { rowPage, rowView } from './api-schemas.ts';
import { withBatch } from './with-batch.ts';

const ROW_STATUSES = [...PENDING_STATES, ...OUTCOME_STATUSES] as const;

const statusList = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(ROW_STATUSES)))
  .describe(`Some of ${ROW_STATUSES.join(', ')}, comma-separated.`);

const rowQuery = z.object({
  status: statusList.optional(),
  code: z.string().max(200).optional().describe('The error code that rows ended with.'),
  text: z
    .string()
    .max(200)
    .optional()
    .describe('Part of a cell; upper and lower case count as the same.'),
  from: z.coerce.number().int().min(1).default(1).describe('First row to search.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
type RowsQuery = z.output<typeof rowQuery>;

export const rowApi = (ports: DashboardPorts): ApiRoute[] => [
  get(
    '/batches/:id/rows',
    { summary: 'Find rows', query: rowQuery, answer: rowPage },
    async ({ context, query }) =>
      withBatch(ports, context, async (batch) =>
        answerWith(await readRows(ports, batch, wantedOf(query))),
      ),
  ),
  get('/batches/:id/rows/:row', { summary: 'Read row', answer: rowView }, async ({ context }) =>
    withBatch(ports, context, async (batch) => {
      const row = await readRow(ports, batch, context.req.param('row') ?? '');
      return row === null ? refuseWith({ kind: 'not_found', what: 'such row' }) : answerWith(row);
    }),
  ),
];

const wantedOf = ({ status, code, text, from, limit }: RowsQuery): WantedRows => ({
  statuses: status === undefined ? null : new Set(status),
  code: code || null,
  text: text || null,
  fromRow: from,
  limit,
});
