import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { listApiRoutes } from '../../../../src/dashboard/api/api-routes.ts';
import { StreamLimit } from '../../../../src/dashboard/live/stream-limit.ts';
import type { DashboardPorts } from '../../../../src/dashboard/ports.ts';
import { withBatch } from '../../../contract/batch-store/examples.ts';
import { DashboardLab } from '../dashboard-lab.ts';
import { NIGHTLY, openLab } from './api-lab.ts';

const description = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        responses: z.record(z.string(), z.any()),
        requestBody: z.object({ content: z.record(z.string(), z.any()) }).optional(),
      }),
    ),
  ),
  components: z.looseObject({ schemas: z.record(z.string(), z.any()) }),
});
type Description = z.infer<typeof description>;

/** The request for each operation, in a useful order. */
const REQUESTS: [operation: string, query: string, body?: object | string][] = [
  ['GET /api/v1/overview', ''],
  ['GET /api/v1/activity', '?hours=1'],
  ['GET /api/v1/search', '?q=clip'],
  ['GET /api/v1/batches', '?state=running&search=VIDEOS'],
  ['GET /api/v1/batches/{id}', ''],
  ['GET /api/v1/batches/{id}/activity', '?hours=168'],
  ['GET /api/v1/batches/{id}/errors', ''],
  ['GET /api/v1/batches/{id}/rows', '?status=failed,succeeded&after=1&limit=10'],
  ['GET /api/v1/batches/{id}/rows/{row}', ''],
  ['GET /api/v1/results', '?limit=1&batch=batch-1'],
  ['GET /api/v1/find', '?key=clip+1'],
  ['GET /api/v1/gate', ''],
  ['PUT /api/v1/limits', '', { concurrency: 3, ratePerSecond: null, reason: 'slowly' }],
  ['POST /api/v1/gate/open', '', {}],
  ['PUT /api/v1/batches/{id}/priority', '', { priority: 40 }],
  [
    'POST /api/v1/bulk-actions',
    '',
    { on: 'batches', verb: 'priority', options: { priority: 30 }, ids: ['batch-1'] },
  ],
  ['POST /api/v1/bulk-actions/{action}/start', '', {}],
  ['GET /api/v1/bulk-actions/{action}', ''],
  ['POST /api/v1/bulk-actions/{action}/stop', '', {}],
  ['GET /api/v1/bulk-actions', ''],
  ['PUT /api/v1/batches/{id}/max-sessions', '', { maxSessions: 500 }],
  ['PUT /api/v1/batches/{id}/keep-alive', '', { keepAlive: '3d' }],
  ['POST /api/v1/batches/{id}/pause', '', { reason: 'budget' }],
  ['POST /api/v1/batches/{id}/resume', '', {}],
  ['POST /api/v1/batches/{id}/retry', '', { codes: ['http_404'] }],
  ['POST /api/v1/batches/{id}/refresh', '', { within: '30d' }],
  ['POST /api/v1/batches/{id}/cancel', '', { reason: 'wrong file' }],
  ['GET /api/v1/batches/{id}/history', ''],
  ['GET /api/v1/history', ''],
  ['PUT /api/v1/schedules/{name}', '', { ...NIGHTLY, only: ['new'], window: '22:00-06:00' }],
  ['POST /api/v1/schedules/{name}/run', '', {}],
  ['POST /api/v1/schedules/{name}/pause', '', {}],
  ['POST /api/v1/schedules/{name}/resume', '', {}],
  ['GET /api/v1/schedules', ''],
  ['GET /api/v1/schedules/{name}', ''],
  ['DELETE /api/v1/schedules/{name}', '', {}],
  ['POST /api/v1/uploads', '?name=a.csv&video_url=Link', 'Link\nhttps://videos.example/1.mp4\n'],
  ['GET /api/v1/uploads/{upload}', ''],
  ['POST /api/v1/uploads/{upload}/start', '', { map: { video_url: 'Link' }, batchId: 'sent' }],
  ['POST /api/v1/uploads', '', 'no,manifest\n'],
  ['DELETE /api/v1/uploads/{upload}', '', {}],
];

/** Described once for all operations, so that generated clients are short. */
const REFUSED = { $ref: '#/components/responses/Refused' };
const FAILED = { $ref: '#/components/responses/Failed' };

/** Operations that do not answer with JSON; `results.test.ts` has their tests. */
const FILES_AND_STREAMS = [
  'GET /api/v1/results/stream',
  'GET /api/v1/batches/{id}/report.csv',
  'GET /api/v1/batches/{id}/report.jsonl',
  'GET /api/v1/batches/{id}/report.xlsx',
];

/** The names that a schema requires and does not describe. */
function requiredWithoutProperty(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { required, properties = {} } = schema as { required?: unknown; properties?: object };
  const own = Array.isArray(required) ? required.filter((name) => !(name in properties)) : [];
  return [...own, ...Object.values(schema).flatMap(requiredWithoutProperty)];
}

/** Listed without ports: a description needs none. */
const listAll = () => listApiRoutes({} as DashboardPorts, new StreamLimit());

async function describeItself(lab: DashboardLab): Promise<Description> {
  return description.parse(await (await lab.ask('/api/v1/openapi.json')).json());
}

describe('description', () => {
  let described: Description;
  beforeAll(async () => {
    const { describeApi } = await import('../../../../src/dashboard/api/openapi.ts');
    described = description.parse(describeApi(listAll(), '0.0.0'));
  });

  it('the description is OpenAPI', async () => {
    const whole = {
      openapi: '3.1.0',
      info: { title: 'kling-sessions', version: '0' },
      ...described,
    };
    const { valid, errors } = await new Validator().validate(structuredClone(whole));
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
  });

  it('the description says how each operation is refused, and gives each required name its property', () => {
    for (const [path, methods] of Object.entries(described.paths)) {
      for (const [method, { responses }] of Object.entries(methods)) {
        expect([method, path, responses]).toEqual([
          method,
          path,
          { 200: expect.anything(), '4XX': REFUSED, '5XX': FAILED },
        ]);
      }
    }
    expect(requiredWithoutProperty(described.components)).toEqual([]);
  });

  it('the description names each body, and fields instead of flags, for generated clients', () => {
    const bodies = Object.values(described.paths)
      .flatMap((methods) => Object.values(methods))
      .flatMap(({ requestBody }) => requestBody?.content['application/json'] ?? []);
    const text = JSON.stringify(described);
    expect(bodies.length).toBeGreaterThan(10);
    for (const body of bodies) {
      expect(body).toEqual({
        schema: { $ref: expect.stringMatching(/^#\/components\/schemas\/\w+$/) },
      });
    }
    expect(text.match(/"description":"[^"]*--[a-z][^"]*/g)).toBeNull();
    expect(text).not.toContain('"default":null');
  });

  it('the description names every route, and the tests here request each', () => {
    const operations = Object.entries(described.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const routes = listAll().map(
      ({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`,
    );
    expect(operations.toSorted()).toEqual(routes.toSorted());
    const asked = [...REQUESTS.map(([operation]) => operation), ...FILES_AND_STREAMS];
    expect(new Set(asked)).toEqual(new Set(operations));
  });
});

it('the API answers every request as it is described', async () => {
  const lab = await openLab();
  const { paths, components } = await describeItself(lab);
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema({ $id: 'api', components });
  const names: Record<string, string> = { id: 'batch-1', row: '2', name: 'nightly' };
  for (const [operation, query, body] of REQUESTS) {
    const [method = '', path = ''] = operation.split(' ');
    const asked = path.replaceAll(/{(\w+)}/g, (_, name: string) => names[name] ?? '') + query;
    const response =
      typeof body === 'string'
        ? await lab.sendFile(asked, body)
        : await lab.ask(asked, method, body);
    const answer: unknown = await response.json();
    if (typeof body === 'string') names.upload = (answer as { id: string }).id;
    if (path.endsWith('/bulk-actions')) names.action ??= (answer as { id: string }).id;
    expect([operation, response.status, answer]).toEqual([operation, 200, expect.anything()]);
    const { responses } = paths[path]?.[method.toLowerCase()] ?? { responses: {} };
    const { $ref } = responses[200].content['application/json'].schema;
    const isRight = ajv.compile({ $ref: `api${$ref}` });
    expect([operation, isRight(answer), isRight.errors]).toEqual([operation, true, null]);
  }
  const { entries } = (await (await lab.ask('/api/v1/batches/batch-1/history')).json()) as {
    entries: { who: string; what: string }[];
  };
  expect(entries.map(({ who, what }) => `${who} ${what}`)).toEqual([
    'anna cancelled',
    'anna refreshed 1 session',
    'anna retried 1 row (with http_404)',
    'anna resumed',
    'anna paused',
    expect.stringMatching(/^anna sessions kept alive until /),
    'anna maximum of sessions set to 500',
    'anna priority set to 40',
  ]);
});

it('the API pages through rows, and says how many there are', async () => {
  const lab = await openLab();
  const page = async (query: string) =>
    (await (await lab.ask(`/api/v1/batches/batch-1/rows${query}`)).json()) as {
      rows: { row: number }[];
      next: string | null;
      total: number | null;
    };
  const first = await page('?status=waiting&limit=200');
  expect([first.rows.at(0)?.row, first.rows.at(-1)?.row, first.next]).toEqual([5, 204, '204']);
  expect(first.total).toBe(696);
  expect(await page('?code=http_404')).toMatchObject({
    rows: [{ row: 2 }],
    total: 1,
    next: null,
  });
  expect((await page('?text=clip 69')).rows).toHaveLength(11);
});

it('the API hides the signatures of addresses', async () => {
  const lab = await DashboardLab.open();
  const { store } = lab.bench;
  await withBatch(store, 1);
  const videoUrl = 'https://videos.example/2.mp4?X-Amz-Signature=0123abc';
  await lab.queues.addRows('probe', [
    { batchId: 'batch-1', incarnation: 'first', row: 2, source: { kind: 'url', videoUrl } },
  ]);
  const seen = await Promise.all(
    [
      '/api/v1/batches/batch-1/rows',
      '/api/v1/batches/batch-1/rows/1',
      '/queues/api/queues?activeQueue=probe&status=latest',
    ].map(async (path) => await (await lab.ask(path)).text()),
  );
  for (const text of seen) expect(text).not.toContain('0123abc');
  expect(seen[2]).toContain('https://videos.example/2.mp4');
});

it('the API returns what workers did, step by step', async () => {
  const lab = await DashboardLab.open();
  const { noActivity } = await import('../../../../src/lib/core/activity.ts');
  const done = noActivity();
  done.answers.opened = 4;
  done.latencies[2] = 4;
  done.latencyTotalMs = 1_000;
  await lab.activity.add(done, Date.now());
  const answer = await lab.ask('/api/v1/activity?hours=0.1');
  const { stepMs, steps } = (await answer.json()) as { stepMs: number; steps: object[] };
  expect([stepMs, steps.length]).toEqual([60_000, 6]);
  expect(steps.slice(-2)).toContainEqual(
    expect.objectContaining({ latencyP50Ms: 250, latencyMeanMs: 250 }),
  );
});
