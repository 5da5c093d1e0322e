import { z } from 'zod';
import { BATCH_STATES } from '../../lib/core/batch/batch.ts';
import type { DashboardPorts } from '../ports.ts';
import { listBatches } from '../read/list-batches.ts';
import { readErrors, readHistory, readStatusView } from '../read/read-batch.ts';
import { type ApiRoute, answerWith, get } from './api-route.ts';
import { batchList, batchStatusView, errorList, historyView } from './api-schemas.ts';
import { withBatch } from './with-batch.ts';

const MAX_BATCHES = 200;

const batchQuery = z.object({
  state: z.enum(BATCH_STATES).optional(),
  search: z.string().max(200).default('').describe('Part of the id or the name.'),
  schedule: z.string().max(100).optional(),
  tag: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_BATCHES).default(50),
  skip: z.coerce.number().int().min(0).default(0),
});

export const batchApi = (ports: DashboardPorts): ApiRoute[] => [
  get(
    '/batches',
    { summary: 'List batches', query: batchQuery, answer: batchList },
    async ({ query }) => answerWith(await listBatches(ports, query, query)),
  ),
  get('/batches/:id', { summary: 'Read batch', answer: batchStatusView }, async ({ context }) =>
    withBatch(ports, context, async ({ id }) => answerWith(await readStatusView(ports, id))),
  ),
  get(
    '/batches/:id/errors',
    { summary: 'List errors of batch', answer: errorList },
    async ({ context }) =>
      withBatch(ports, context, async ({ id }) => answerWith(await readErrors(ports, id))),
  ),
  get(
    '/batches/:id/history',
    { summary: 'List what was done to batch', answer: historyView },
    async ({ context }) =>
      withBatch(ports, context, async ({ id }) => answerWith(await readHistory(ports, id))),
  ),
];
