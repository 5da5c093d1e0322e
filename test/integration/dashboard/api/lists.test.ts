import { expect, it } from 'vitest';
import { listApiRoutes } from '../../../../src/dashboard/api/api-routes.ts';
import { describeApi } from '../../../../src/dashboard/api/openapi.ts';
import { StreamLimit } from '../../../../src/dashboard/live/stream-limit.ts';
import type { DashboardPorts } from '../../../../src/dashboard/ports.ts';
import { type BulkAction, storedAction } from '../../../../src/lib/bulk/bulk-action.ts';
import { newRun } from '../../../../src/lib/core/schedule/schedule.ts';
import { draft, failed, ref, SHAPE, withBatch } from '../../../contract/batch-store/examples.ts';
import { exampleSchedule } from '../../../setup/examples/schedule.ts';
import { opened } from '../../store/steering-bench.ts';
import { DashboardLab } from '../dashboard-lab.ts';

type Answer = Record<string, unknown> & { next: string | null };

async function ask(lab: DashboardLab, path: string, query: object): Promise<Answer> {
  const words = new URLSearchParams(query as Record<string, string>);
  const response = await lab.ask(`/api/v1${path}?${words}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Answer;
}

interface List {
  path: string;
  query?: Record<string, string>;
  /** The names of the things on a page. */
  names: (answer: never) => string[];
  /** Brings seven things into it, in order of age or name. */
  fill: (lab: DashboardLab) => Promise<void>;
  /** Adds one before the others. */
  add?: (lab: DashboardLab) => Promise<unknown>;
  remove?: (lab: DashboardLab, name: string) => Promise<unknown>;
  /** As they are listed. */
  all: string[];
}

const NEWEST_FIRST = ['7', '6', '5', '4', '3', '2', '1'];
const NAMES = NEWEST_FIRST.toReversed();

const openBatch = ({ bench }: DashboardLab, id: string, atMs: number): Promise<unknown> =>
  bench.store.openBatch(draft({ id, identity: id }), atMs);

const lines = (answer: { entries: { what: string }[] }): string[] =>
  answer.entries.map(({ what }) => what);
const line = (what: string, atMs = Number(what)) => ({ atMs, who: 'anna', what, reason: null });

/** As `BulkStore.start` keeps it; its clock is that of Redis. */
async function startedAction({ bench }: DashboardLab, id: string, atMs: number): Promise<void> {
  const { redis, keys } = bench;
  const action: BulkAction = {
    id,
    verb: 'pause',
    forecast: '',
    chosen: { kind: 'batches', count: 1 },
    request: {},
    who: 'anna',
    reason: null,
    chosenAtMs: atMs,
  };
  const fields = { state: 'completed', position: 1, batches: 1, rows: 0, left: 0 };
  await redis.hset(keys.bulk(id), { ...fields, action: storedAction.write(action) });
  await redis.zadd(keys.bulkActions, atMs, id);
}

const LISTS: List[] = [
  {
    path: '/batches',
    names: (answer: { batches: { id: string }[] }) => answer.batches.map(({ id }) => id),
    // Some of the same ms: then ids decide.
    fill: async (lab) => {
      for (const id of NAMES) await openBatch(lab, id, Math.floor(Number(id) / 3));
    },
    add: (lab) => openBatch(lab, '9', 9),
    remove: ({ bench }, id) => bench.redis.zrem(bench.keys.batches, id),
    all: NEWEST_FIRST,
  },
  {
    path: '/batches',
    query: { search: 'a', state: 'importing' },
    names: (answer: { batches: { id: string }[] }) => answer.batches.map(({ id }) => id),
    fill: async (lab) => {
      for (const id of NAMES) {
        await openBatch(lab, `a${id}`, Number(id));
        await openBatch(lab, `b${id}`, Number(id));
      }
    },
    add: (lab) => openBatch(lab, 'a9', 9),
    remove: ({ bench }, id) => bench.redis.zrem(bench.keys.batches, id),
    all: NEWEST_FIRST.map((id) => `a${id}`),
  },
  {
    path: '/batches/night/history',
    names: lines,
    fill: async (lab) => {
      await openBatch(lab, 'night', 1);
      // Two lines are the same.
      for (const what of ['1', '2', '4', '4', '5', '6', '7']) {
        await lab.bench.steering.addHistory(ref('night'), line(what));
      }
    },
    add: ({ bench }) => bench.steering.addHistory(ref('night'), line('4')),
    all: ['7', '6', '5', '4', '4', '2', '1'],
  },
  {
    path: '/history',
    names: lines,
    fill: async ({ audit }) => {
      for (const what of NAMES) await audit.add(line(what));
    },
    add: ({ audit }) => audit.add(line('9')),
    all: NEWEST_FIRST,
  },
  {
    path: '/schedules',
    names: (answer: { schedules: { name: string }[] }) => answer.schedules.map(({ name }) => name),
    fill: async ({ schedules }) => {
      for (const name of NAMES) await schedules.set(exampleSchedule({ name: `s${name}` }), 1);
    },
    add: ({ schedules }) => schedules.set(exampleSchedule({ name: 'a' }), 1),
    remove: ({ schedules }, name) => schedules.remove(name),
    all: NAMES.map((name) => `s${name}`),
  },
  {
    path: '/schedules/nightly',
    names: (answer: { runs: { plannedAtMs: number }[] }) =>
      answer.runs.map(({ plannedAtMs }) => String(plannedAtMs)),
    fill: async ({ schedules }) => {
      await schedules.set(exampleSchedule(), 0);
      const runs = NAMES.map((at) => newRun(Number(at), 'person'));
      await schedules.addRuns('nightly', runs, null);
    },
    add: ({ schedules }) => schedules.addRuns('nightly', [newRun(9, 'person')], null),
    remove: ({ bench }, at) => bench.redis.hdel(bench.keys.runs('nightly'), at),
    all: NEWEST_FIRST,
  },
  {
    path: '/bulk-actions',
    names: (answer: { actions: { id: string }[] }) => answer.actions.map(({ id }) => id),
    fill: async (lab) => {
      for (const id of NAMES) await startedAction(lab, id, Number(id));
    },
    add: (lab) => startedAction(lab, '9', 9),
    remove: ({ bench }, id) => bench.redis.zrem(bench.keys.bulkActions, id),
    all: NEWEST_FIRST,
  },
  {
    path: '/batches/batch-1/rows',
    query: { status: 'waiting' },
    names: (answer: { rows: { row: number }[] }) => answer.rows.map(({ row }) => String(row)),
    fill: async ({ bench }) => {
      await withBatch(bench.store, 9);
      for (const row of [2, 5]) await bench.end(row, failed('http_404'));
    },
    all: ['1', '3', '4', '6', '7', '8', '9'],
  },
  {
    path: '/find',
    query: { key: 'clip 1' },
    names: (answer: { rows: { batchId: string; row: number }[] }) =>
      answer.rows.map(({ batchId, row }) => `${batchId}/${row}`),
    fill: async (lab) => {
      for (const [at, id] of ['batch-1', 'b2', 'b3', 'b4', 'b5', 'b6', 'b7'].entries()) {
        await withKey(lab, id, at + 1);
      }
      await lab.bench.end(1, opened('a session that lives'));
    },
    add: (lab) => withKey(lab, 'b9', 9),
    remove: async ({ bench }, name) => {
      const batch = await bench.batch(name.split('/')[0]);
      await bench.steering.remove(batch, Date.now());
    },
    all: ['batch-1/1', 'b7/1', 'b6/1', 'b5/1', 'b4/1', 'b3/1', 'b2/1'],
  },
];

async function withKey({ bench }: DashboardLab, id: string, atMs: number): Promise<void> {
  await withBatch(bench.store, 1, [], id);
  await bench.redis.hset(bench.keys.batch(id), 'createdAtMs', atMs);
  const keys = bench.keyIndex.write(ref(id), ['name']);
  await keys.add((await bench.store.readChunk(id, 0)) ?? [], SHAPE);
  await keys.finish();
}

it.each(LISTS)('$path $query is read page by page, each thing once', async (list) => {
  const { path, query = {}, names, fill, add, remove, all } = list;
  const namesOf = names as (answer: Answer) => string[];
  const lab = await DashboardLab.open();
  await fill(lab);
  const whole = await ask(lab, path, query);
  const first = await ask(lab, path, { ...query, limit: '3' });
  expect([namesOf(whole), whole.next]).toEqual([all, null]);
  expect(namesOf(first)).toEqual(all.slice(0, 3));
  // The last one that was read, of which the cursor knows, and one that was not.
  const gone = remove === undefined ? [] : [all[2], all[4]];
  for (const name of gone) await remove?.(lab, name ?? '');
  await add?.(lab);
  const seen: string[] = [];
  for (let next = first.next; next !== null; ) {
    const page = await ask(lab, path, { ...query, limit: '1', after: next });
    seen.push(...namesOf(page));
    next = page.next;
  }
  expect(seen).toEqual(all.slice(3).filter((name) => !gone.includes(name)));
});

it.each([
  ...LISTS.map(({ path, query }) => [path, { ...query, after: path === '/schedules' ? '' : '~' }]),
  ['/batches', { limit: '201' }],
  ['/batches', { skip: '1' }],
] as [string, Record<string, string>][])(
  '%s refuses what is no cursor: %o',
  async (path, query) => {
    const lab = await DashboardLab.open();
    await openBatch(lab, 'night', 1);
    await openBatch(lab, 'batch-1', 1);
    const answer = await lab.ask(`/api/v1${path}?${new URLSearchParams(query)}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: 'bad_request' } });
  },
);

it('the feed refuses a place of another history, and ends after a line that is dropped', async () => {
  const lab = await DashboardLab.open();
  for (let at = 1; at <= 1_001; at += 1) await lab.audit.add(line(String(at)));
  const other = await lab.ask('/api/v1/history?after=1001-0123456789ab-1');
  const dropped = await ask(lab, '/history', { after: '1-0123456789ab-1' });
  expect(other.status).toBe(400);
  expect(dropped).toEqual({ entries: [], next: null });
});

it('every list takes and gives the same cursor', () => {
  const routes = listApiRoutes({ uploads: {} } as unknown as DashboardPorts, new StreamLimit());
  const described = JSON.parse(JSON.stringify(describeApi(routes, '0.0.0')));
  const lists = Object.entries<{ get?: { summary: string; parameters: { name: string }[] } }>(
    described.paths,
  ).flatMap(([path, { get }]) => (get === undefined ? [] : [{ path, ...get }]));
  const takes = ({ parameters }: (typeof lists)[number], name: string): boolean =>
    parameters.some((one) => one.name === name);
  const paged = lists.filter((one) => takes(one, 'after')).map(({ path }) => path);
  expect(paged).toEqual([
    '/api/v1/search',
    '/api/v1/history',
    '/api/v1/batches',
    '/api/v1/batches/{id}/history',
    '/api/v1/find',
    '/api/v1/batches/{id}/rows',
    '/api/v1/results',
    '/api/v1/results/stream',
    '/api/v1/bulk-actions',
    '/api/v1/schedules',
    '/api/v1/schedules/{name}',
  ]);
  for (const other of ['skip', 'from', 'page', 'offset', 'cursor']) {
    expect(lists.filter((one) => takes(one, other))).toEqual([]);
  }
  for (const schema of Object.values<{ properties?: object }>(described.components.schemas)) {
    expect(Object.keys(schema.properties ?? {})).not.toContain('hasMore');
  }
});
