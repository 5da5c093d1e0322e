import { z } from 'zod';
import { takePicture } from '../../lib/batch-picture.ts';
import { BATCH_STATES, type Batch } from '../../lib/core/batch.ts';
import type { DashboardPorts } from '../ports.ts';
import { type ApiRoute, answerWith, get } from './api-route.ts';
import { batchList, type batchView, errorList, historyView, pictureView } from './api-schemas.ts';
import { showBatch, withBatch } from './with-batch.ts';

/** Codes that are counted one by one; the rest is too rare to be listed. */
const LISTED_ERRORS = 200;
const MAX_BATCHES = 200;

const batchQuery = z.object({
  state: z.enum(BATCH_STATES).optional(),
  search: z.string().max(200).default('').describe('Part of the id or the name.'),
  schedule: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_BATCHES).default(50),
  skip: z.coerce.number().int().min(0).default(0),
});
type BatchQuery = z.output<typeof batchQuery>;

export const batchApi = (ports: DashboardPorts): ApiRoute[] => [
  get(
    '/batches',
    { summary: 'List batches', query: batchQuery, answer: batchList },
    async ({ query }) => answerWith(await listBatches(ports, query)),
  ),
  get('/batches/:id', { summary: 'Read batch', answer: pictureView }, async ({ context }) =>
    withBatch(ports, context, async ({ id }) => {
      const picture = await takePicture(ports, id);
      return answerWith({ ...picture, batch: showBatch(picture.batch) });
    }),
  ),
  get(
    '/batches/:id/errors',
    { summary: 'List errors of batch', answer: errorList },
    async ({ context }) =>
      withBatch(ports, context, async ({ id }) =>
        answerWith({ errors: await ports.store.readErrors(id, LISTED_ERRORS) }),
      ),
  ),
  get(
    '/batches/:id/history',
    { summary: 'List what was done to batch', answer: historyView },
    async ({ context }) =>
      withBatch(ports, context, async ({ id }) =>
        answerWith({ entries: await ports.steering.readHistory(id) }),
      ),
  ),
];

async function listBatches(
  { overview }: DashboardPorts,
  query: BatchQuery,
): Promise<z.input<typeof batchList>> {
  const found: z.input<typeof batchView>[] = [];
  let toSkip = query.skip;
  for await (const batch of overview.listBatches()) {
    if (!isWanted(batch, query)) continue;
    toSkip -= 1;
    if (toSkip >= 0) continue;
    if (found.length === query.limit) return { batches: found, hasMore: true };
    found.push(showBatch(batch));
  }
  return { batches: found, hasMore: false };
}

function isWanted(batch: Batch, { state, search, schedule }: BatchQuery): boolean {
  const sought = search.toLowerCase();
  return (
    (state === undefined || batch.state === state) &&
    (schedule === undefined || batch.arrangements.schedule === schedule) &&
    (batch.id.toLowerCase().includes(sought) || batch.name.toLowerCase().includes(sought))
  );
}
