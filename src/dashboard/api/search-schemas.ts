import { z } from 'zod';
import { named } from './api-route.ts';
import { count, rowStatus, timeMs } from './api-schemas.ts';

export const searchView = named(
  'Search',
  z.object({
    batches: z
      .array(
        z.object({
          id: z.string(),
          name: z.string(),
          createdAtMs: timeMs,
          tags: z.array(z.string()).readonly(),
        }),
      )
      .describe('By id, manifest or tag; an exact id first, then newest first.'),
    moreBatches: count,
    schedules: z.array(z.string()),
    codes: z
      .array(z.object({ batchId: z.string(), count }))
      .describe('Batches with rows that ended with exactly this error code.'),
    moreCodes: count,
    rows: z.array(
      z.object({
        batchId: z.string(),
        row: z.int(),
        status: rowStatus,
        place: z.string().describe('A column, `session`, `request id` or `before it was retried`.'),
        excerpt: z.string().describe('Without the signatures of addresses.'),
      }),
    ),
    searched: z.object({ rows: count, batches: count }).describe('Row by row, newest batch first.'),
    allBatches: count,
    next: z
      .string()
      .nullable()
      .describe('`after` to search on from here; null after the last row.'),
  }),
);

export type SearchView = z.input<typeof searchView>;
