import { z } from 'zod';
import type { DashboardPorts } from '../ports.ts';
import { readChanges } from '../read/read-changes.ts';
import { readActivity, readOverview } from '../read/read-overview.ts';
import { type ApiRoute, answerWith, get } from './api-route.ts';
import { activityView, historyView, overviewView } from './api-schemas.ts';

const HOUR_MS = 3_600_000;

const activityQuery = z.object({
  hours: z.coerce
    .number()
    .min(0.1)
    .max(48)
    .default(3)
    .describe('How far back, in hours; up to 3 by the minute, otherwise in steps of ten minutes.'),
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
  get('/history', { summary: 'List what was done to no batch', answer: historyView }, async () =>
    answerWith(await readChanges(ports)),
  ),
];
