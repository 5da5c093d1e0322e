import { z } from 'zod';
import { MAX_SOUGHT } from '../../lib/search/sought.ts';
import type { DashboardPorts } from '../ports.ts';
import { readActivity, readOverview } from '../read/read-overview.ts';
import { readPlace, searchEverything } from '../read/search-everything.ts';
import { type ApiRoute, answerWith, get, refuseWith } from './api-route.ts';
import { historyView } from './api-schemas.ts';
import { answerWithHistory, historyQuery } from './history.ts';
import { activityView, overviewView } from './overview-schemas.ts';
import { cursor } from './paging.ts';
import { searchView } from './search-schemas.ts';

export const HOUR_MS = 3_600_000;

export const activityQuery = z.object({
  hours: z.coerce
    .number()
    .min(0.1)
    .max(192)
    .default(3)
    .describe(
      'How far back, in hours; up to 3 by the minute, up to 48 in steps of ten minutes, otherwise by the hour.',
    ),
});

const searchQuery = z.object({
  q: z
    .string()
    .max(MAX_SOUGHT)
    .describe(
      'Part of an id, a manifest name or a cell; or a whole session id, request id, error code or tag.',
    ),
  after: cursor(readPlace)
    .optional()
    .describe('`next` of the answer before. Without it the search begins.'),
});

export const overviewApi = (ports: DashboardPorts): ApiRoute[] => [
  get('/overview', { summary: 'Read overview', answer: overviewView }, async () =>
    answerWith(await readOverview(ports)),
  ),
  get(
    '/activity',
    { summary: 'Read what workers did', query: activityQuery, answer: activityView },
    async ({ query }) => answerWith(await readActivity(ports, query.hours * HOUR_MS)),
  ),
  get(
    '/search',
    { summary: 'Find anything', query: searchQuery, answer: searchView },
    async ({ query: { q, after = null } }) => {
      const found = await searchEverything(ports, q, after);
      return found === null
        ? refuseWith({ kind: 'unusable', sentence: 'Say in `q` what to look for.' })
        : answerWith(found);
    },
  ),
  get(
    '/history',
    { summary: 'List what was done to no batch', query: historyQuery, answer: historyView },
    async ({ query }) => answerWithHistory(await ports.audit.read(), query),
  ),
];
