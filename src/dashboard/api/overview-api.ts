import { z } from 'zod';
import { RESOLUTIONS } from '../../lib/activity/activity-log.ts';
import { type Activity, latencyQuantileMs } from '../../lib/core/activity.ts';
import { type Batch, countPending, isEnded } from '../../lib/core/batch.ts';
import { explainStandstill } from '../../lib/core/explain-standstill.ts';
import type { DashboardPorts } from '../ports.ts';
import { readNextRuns } from '../read/read-schedules.ts';
import { type ApiRoute, answerWith, get } from './api-route.ts';
import { activityView, historyView, overviewView } from './api-schemas.ts';
import { readGate } from './gate-api.ts';
import { showBatch } from './with-batch.ts';

const HOUR_MS = 3_600_000;
const MAX_RUNNING = 50;
const AUDITED = 200;

const activityQuery = z.object({
  hours: z.coerce
    .number()
    .min(0.1)
    .max(48)
    .default(3)
    .describe('How far back; up to 3 minute by minute, else in steps of ten minutes.'),
});

export const overviewApi = (ports: DashboardPorts): ApiRoute[] => [
  get('/overview', { summary: 'Read overview', answer: overviewView }, async () =>
    answerWith(await takeOverview(ports)),
  ),
  get(
    '/activity',
    { summary: 'Read what workers did', query: activityQuery, answer: activityView },
    async ({ query }) => answerWith(await readActivity(ports, query.hours * HOUR_MS)),
  ),
  get('/history', { summary: 'List what was done to no batch', answer: historyView }, async () =>
    answerWith({ entries: await ports.audit.read(AUDITED) }),
  ),
];

async function takeOverview(ports: DashboardPorts): Promise<z.input<typeof overviewView>> {
  const nowMs = ports.now();
  const [{ reading, workers, view }, running, nextRuns] = await Promise.all([
    readGate(ports),
    listRunning(ports),
    readNextRuns(ports),
  ]);
  const paces = await Promise.all(running.map(({ id }) => ports.overview.readPace(id, nowMs)));
  return {
    nowMs,
    gate: view,
    workers,
    nextRuns,
    running: running.map((batch, index) => {
      const rowsPerSecond = paces[index] ?? 0;
      const pending = countPending(batch.counts);
      return {
        batch: showBatch(batch),
        rowsPerSecond,
        secondsLeft: rowsPerSecond > 0 ? pending / rowsPerSecond : null,
        standstill: explainStandstill({ ...reading, batch, workers: workers.length }),
      };
    }),
  };
}

async function listRunning({ overview }: DashboardPorts): Promise<Batch[]> {
  const running: Batch[] = [];
  for await (const batch of overview.listBatches()) {
    if (!isEnded(batch.state)) running.push(batch);
    if (running.length === MAX_RUNNING) break;
  }
  return running;
}

async function readActivity(
  { activity, now }: DashboardPorts,
  lengthMs: number,
): Promise<z.input<typeof activityView>> {
  const resolution = lengthMs <= RESOLUTIONS.minutes.keptMs ? 'minutes' : 'tens';
  const steps = await activity.readRecent(resolution, lengthMs, now());
  return {
    stepMs: RESOLUTIONS[resolution].stepMs,
    steps: steps.map((step) => ({ atMs: step.atMs, ...showStep(step.activity) })),
  };
}

function showStep(activity: Activity): Omit<z.input<typeof activityView>['steps'][number], 'atMs'> {
  const { answers, outcomes, latencies, latencyTotalMs } = activity;
  const calls = latencies.reduce((sum, count) => sum + count, 0);
  return {
    answers,
    outcomes,
    latencyP50Ms: latencyQuantileMs(activity, 0.5),
    latencyP95Ms: latencyQuantileMs(activity, 0.95),
    latencyMeanMs: calls === 0 ? null : latencyTotalMs / calls,
  };
}
