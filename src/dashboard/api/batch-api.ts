import { z } from 'zod';
import { BATCH_STATES } from '../../lib/core/batch/batch.ts';
import { formatPlace, parsePlace } from '../../lib/core/list-place.ts';
import type { DashboardPorts } from '../ports.ts';
import { listBatches } from '../read/list-batches.ts';
import { readErrors, readStatusView } from '../read/read-batch.ts';
import { readActivity } from '../read/read-overview.ts';
import { type ApiRoute, answerWith, get } from './api-route.ts';
import { batchList, batchStatusView, errorList, historyView } from './api-schemas.ts';
import { answerWithHistory, historyQuery } from './history.ts';
import { activityQuery, HOUR_MS } from './overview-api.ts';
import { activityView } from './overview-schemas.ts';
import { pageQuery } from './paging.ts';
import { withBatch } from './with-batch.ts';

const batchQuery = pageQuery(parsePlace).extend({
  state: z.enum(BATCH_STATES).optional(),
  search: z.string().max(200).default('').describe('Part of the id or the name.'),
  schedule: z.string().max(100).optional(),
  tag: z.string().max(100).optional(),
});

export const batchApi = (ports: DashboardPorts): ApiRoute[] => [
  get(
    '/batches',
    { summary: 'List batches', query: batchQuery, answer: batchList },
    async ({ query: { after, limit, ...filter } }) => {
      const page = after === undefined ? null : ({ from: after, towards: 'older' } as const);
      const { last, hasOlder, ...found } = await listBatches(ports, filter, { page, limit });
      return answerWith({ ...found, next: hasOlder && last !== null ? formatPlace(last) : null });
    },
  ),
  get('/batches/:id', { summary: 'Read batch', answer: batchStatusView }, async ({ context }) =>
    withBatch(ports, context, async ({ id }) => answerWith(await readStatusView(ports, id))),
  ),
  get(
    '/batches/:id/activity',
    { summary: 'Read what was done for batch', query: activityQuery, answer: activityView },
    async ({ context, query }) =>
      withBatch(ports, context, async ({ id }) =>
        answerWith(await readActivity(ports, query.hours * HOUR_MS, id)),
      ),
  ),
  get(
    '/batches/:id/errors',
    { summary: 'List errors of batch', answer: errorList },
    async ({ context }) =>
      withBatch(ports, context, async ({ id }) => answerWith(await readErrors(ports, id))),
  ),
  get(
    '/batches/:id/history',
    { summary: 'List what was done to batch', query: historyQuery, answer: historyView },
    async ({ context, query }) =>
      withBatch(ports, context, async ({ id }) =>
        answerWithHistory(await ports.steering.readHistory(id), query),
      ),
  ),
];
