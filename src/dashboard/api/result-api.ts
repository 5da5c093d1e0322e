import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { z } from 'zod';
import type { BatchRef } from '../../lib/core/batch/batch.ts';
import { formatPosition, type Position, parsePosition } from '../../lib/core/feed/position.ts';
import {
  type FollowOptions,
  firstPosition,
  followResults,
} from '../../lib/results/follow-results.ts';
import { BeyondFeed, readResults } from '../../lib/results/read-results.ts';
import type { DashboardContext } from '../dashboard-env.ts';
import { keepAlive } from '../live/keep-alive.ts';
import type { StreamLimit } from '../live/stream-limit.ts';
import { refuse } from '../pages/refusal.ts';
import { REPORT_TYPES, sendReport } from '../pages/report-routes.ts';
import type { DashboardPorts } from '../ports.ts';
import { showResult } from '../read/read-rows.ts';
import { type ApiRoute, answerWith, get, getRaw, type Reply, refuseWith } from './api-route.ts';
import { resultPage } from './api-schemas.ts';

const MOST_RESULTS = 500;

const position = z.string().transform((text, context): Position => {
  const parsed = parsePosition(text);
  if (parsed !== null) return parsed;
  context.addIssue({ code: 'custom', message: 'a position looks like 812-44' });
  return z.NEVER;
});

const feedQuery = z.object({
  after: position.optional().describe('Continue after the result that had this `position`.'),
  batch: z.string().max(200).optional().describe('Only rows of this batch.'),
});

const pageQuery = feedQuery.extend({
  limit: z.coerce.number().int().min(1).max(MOST_RESULTS).default(200),
});

/** Rows as they change, for programs: page by page, as a stream, and each batch as one file. */
export const resultApi = (ports: DashboardPorts, streams: StreamLimit): ApiRoute[] => [
  get(
    '/results',
    { summary: 'Read results as rows change', query: pageQuery, answer: resultPage },
    async ({ query: { after, batch, limit } }) => {
      const wanted = await findWanted(ports, batch);
      if (wanted === 'missing') return refuseWith({ kind: 'not_found', what: 'such batch' });
      return await readPage(ports, wanted, after ?? null, limit);
    },
  ),
  getRaw(
    '/results/stream',
    {
      summary: 'Follow results',
      query: feedQuery,
      type: 'text/event-stream',
      description:
        'Server-sent events named `result`: `id` is the position and `data` a result of `/results`. A client that reconnects with `Last-Event-ID` misses nothing.',
    },
    ({ context, query }) => sendStream(ports, streams, context, query),
  ),
  ...REPORT_TYPES.map(([format, type]) =>
    getRaw(
      `/batches/:id/report.${format}`,
      { summary: `Download report as ${format.toUpperCase()}`, query: z.object({}), type },
      ({ context }) => sendReport(ports, context, format),
    ),
  ),
];

/** Null for all batches. */
async function findWanted(
  { store }: DashboardPorts,
  id: string | undefined,
): Promise<BatchRef | null | 'missing'> {
  return id === undefined ? null : ((await store.readBatch(id)) ?? 'missing');
}

async function readPage(
  ports: DashboardPorts,
  batch: BatchRef | null,
  after: Position | null,
  limit: number,
): Promise<Reply<z.input<typeof resultPage>>> {
  const from = after ?? (await firstPosition(ports, batch));
  if (from === null) return refuseWith({ kind: 'not_found', what: 'such batch' });
  try {
    const { results, next, isAtEnd } = await readResults(ports, { from, limit, batch });
    return answerWith({
      results: results.map(showResult),
      next: formatPosition(next),
      isAtEnd,
    });
  } catch (error) {
    if (!(error instanceof BeyondFeed)) throw error;
    return refuseWith({ kind: 'impossible', sentence: error.message });
  }
}

async function sendStream(
  ports: DashboardPorts,
  streams: StreamLimit,
  context: DashboardContext,
  query: z.output<typeof feedQuery>,
): Promise<Response> {
  const batch = await findWanted(ports, query.batch);
  if (batch === 'missing') return await refuse(context, { kind: 'not_found', what: 'such batch' });
  const leave = streams.enter(context.var.user.name);
  if (leave === null) return await refuse(context, { kind: 'too_many_pages' });
  const from = parsePosition(context.req.header('last-event-id') ?? '') ?? query.after ?? null;
  context.header('X-Accel-Buffering', 'no');
  return streamSSE(context, async (stream) => {
    using life = keepAlive(stream, context);
    const wanted = { from, batch, signal: life.ending };
    await writeResults(stream, ports, wanted).finally(leave);
  });
}

async function writeResults(
  stream: SSEStreamingApi,
  ports: DashboardPorts,
  wanted: FollowOptions,
): Promise<void> {
  try {
    for await (const page of followResults(ports, wanted)) {
      for (const { position, ...shown } of page.map(showResult)) {
        await stream.writeSSE({ event: 'result', id: position, data: JSON.stringify(shown) });
      }
    }
    if (!wanted.signal.aborted) await stream.writeSSE({ event: 'end', data: '' });
  } catch (error) {
    if (!(error instanceof BeyondFeed)) throw error;
    await stream.writeSSE({ event: 'error', data: error.message });
  }
}
