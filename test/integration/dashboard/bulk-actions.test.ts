import pino from 'pino';
import { expect, it } from 'vitest';
import { machineZone } from '../../../src/cli/options/machine-zone.ts';
import { BulkRunner } from '../../../src/lib/bulk/bulk-runner.ts';
import { type BulkContext, takeStep } from '../../../src/lib/bulk/run-bulk.ts';
import {
  chunk,
  draft,
  failed,
  NOW_MS,
  ref,
  SHAPE,
  withBatch,
} from '../../contract/batch-store/examples.ts';
import { opened } from '../store/steering-bench.ts';
import { DashboardLab } from './dashboard-lab.ts';

const ROWS_PAGE = '/batches/batch-1/rows';

const contextOf = ({ bench, bulk, queues }: DashboardLab): BulkContext => {
  const { store, steering, rowIndex } = bench;
  const log = pino({ level: 'silent' });
  const day = null;
  return { store, steering, rowIndex, bulk, queues, machineZone, day, now: Date.now, log };
};

const runnerOf = (lab: DashboardLab): BulkRunner => new BulkRunner(contextOf(lab));

/** A batch with 2 sessions, 3 failed rows and a waiting one. */
async function openLab(): Promise<DashboardLab> {
  const lab = await DashboardLab.open();
  const { bench } = lab;
  await withBatch(bench.store, 6);
  await bench.end(1, opened('session 1'));
  await bench.end(2, failed('http_404'));
  await bench.end(3, failed('http_500'));
  await bench.end(4, failed('http_404'));
  await bench.end(5, opened('session 5'));
  return lab;
}

/** Sends check boxes, which may share a name. Returns where it led, and what is said there. */
async function choose(
  lab: DashboardLab,
  { page = ROWS_PAGE, verb = 'retry', fields }: { page?: string; verb?: string; fields: string },
): Promise<{ status: number; place: string; text: string }> {
  const sent = await lab.submit(page, `/bulk-actions?verb=${verb}`, new URLSearchParams(fields));
  const place = sent.headers.get('location') ?? '';
  const shown = place === '' ? sent : await lab.look(place);
  return { status: sent.status, place, text: await shown.text() };
}

const idIn = (place: string): string => place.split('/').at(-1) ?? '';

it('a bulk action asks with the numbers before anything happens to ticked rows, and then does it once', async () => {
  const lab = await openLab();
  const { place, text } = await choose(lab, {
    fields: 'of=batch-1&row=1&row=2&row=3&reason=again',
  });
  expect(text).toContain('2 rows will be tried again, with a call for each.');
  expect(text).toContain('Left alone: row 1 (has a session).');
  expect(text).toContain('to be confirmed');
  await runnerOf(lab).look();
  expect(await lab.bench.statuses()).toEqual([
    'succeeded',
    'failed',
    'failed',
    'failed',
    'succeeded',
    'waiting',
  ]);

  for (let press = 0; press < 2; press += 1) {
    expect((await lab.submit(place, `${place}/start`, {})).headers.get('location')).toBe(place);
  }
  await runnerOf(lab).look();
  await runnerOf(lab).look();
  expect(await lab.bench.statuses()).toEqual([
    'succeeded',
    'waiting',
    'waiting',
    'failed',
    'succeeded',
    'waiting',
  ]);
  const page = await (await lab.look(place)).text();
  expect(page).toContain('2 rows queued; 1 row left alone.');
  expect(page).toContain('completed');
  const [entry, ...others] = await lab.bench.steering.readHistory('batch-1');
  expect([entry, others]).toEqual([
    {
      atMs: expect.any(Number),
      who: 'anna',
      what: `retried 2 rows (bulk action ${idIn(place)})`,
      reason: 'again',
    },
    [],
  ]);
  expect(await lab.audit.read(5)).toMatchObject([{ who: 'anna', reason: 'again' }]);
  expect(await lab.bench.problems()).toEqual([]);
});

it('a bulk action retries all rows that match the filter of the page, except those that end after the question', async () => {
  const lab = await openLab();
  const fields = 'of=batch-1&all=on&code=http_404&text=clip&state=failed';
  const { place, text } = await choose(lab, { fields });
  expect(text).toContain('2 rows will be tried again');
  await lab.bench.end(6, { ...failed('http_404'), finishedAtMs: Date.now() + 60_000 });
  await lab.submit(place, `${place}/start`, {});
  await runnerOf(lab).look();
  expect(await lab.bench.statuses()).toEqual([
    'succeeded',
    'waiting',
    'failed',
    'waiting',
    'succeeded',
    'failed',
  ]);
});

it('a bulk action opens new sessions for the chosen rows that have one, after counting those that live', async () => {
  const lab = await openLab();
  const { place, text } = await choose(lab, { verb: 'refresh', fields: 'of=batch-1&all=on' });
  expect(text).toMatch(/2 rows will be tried again.*All of them have a session that lives/s);
  await lab.submit(place, `${place}/start`, {});
  await runnerOf(lab).look();
  expect(await lab.bench.statuses()).toEqual([
    'waiting',
    'failed',
    'failed',
    'failed',
    'waiting',
    'waiting',
  ]);
});

it('a bulk action says how many rows the budgets of the batches and of the day leave waiting', async () => {
  const lab = await openLab();
  const { store, steering } = lab.bench;
  await steering.setMaxSessions(ref('batch-1'), 3);
  await lab.ask('/api/v1/limits', 'PUT', { sessionsPerDay: 2 });
  const day =
    'so at least 1 row will wait until the day ends; 3 sessions per day under “Limits” allow';

  const rows = await choose(lab, { fields: 'of=batch-1&row=2&row=3&row=4' });
  expect(rows.text).toContain('so 1 row will wait; “Set sessions at most” with 4 allows');
  expect(rows.text).toContain(day);

  const page = '/batches';
  const one = await choose(lab, { page, fields: 'batch=batch-1' });
  expect(one.text).toContain('so 1 row will wait; “Set sessions at most” with 4 allows');
  expect(one.text).toContain(day);

  await withBatch(store, 4, [], 'night-1');
  const drafted = await lab.ask('/api/v1/bulk-actions', 'POST', {
    on: 'batches',
    verb: 'retry',
    ids: ['batch-1', 'night-1'],
  });
  expect(await drafted.json()).toMatchObject({
    forecast: expect.stringMatching(/--max-sessions allows .* 1 row will wait/),
  });
});

it('no row is called twice if a step is done again by another process, or by two at once', async () => {
  const lab = await DashboardLab.open();
  const { store, steering } = lab.bench;
  await store.openBatch(draft(), NOW_MS);
  for (let index = 0; index < 10; index += 1) {
    const rows = Array.from({ length: 500 }, (_, at) => index * 500 + at + 1);
    const ended = rows.map((row): [number, ReturnType<typeof failed>] => [row, failed('http_404')]);
    await store.appendChunk(ref('batch-1'), chunk(index, (index + 1) * 500, ended));
  }
  await store.finishImport(ref('batch-1'), SHAPE, NOW_MS + 1);
  const { place, text } = await choose(lab, { fields: 'of=batch-1&all=on&state=failed' });
  expect(text).toContain('5,000 rows will be tried again');
  await lab.submit(place, `${place}/start`, {});

  // This process is killed after its step and before it could record it; a row has failed again meanwhile.
  const record = await lab.bulk.read(idIn(place));
  if (record === null) throw new Error('no bulk action');
  expect(await takeStep(contextOf(lab), record)).toMatchObject({ rows: 2_000, next: 2_001 });
  await lab.bench.end(7, { ...failed('http_404'), finishedAtMs: record.chosenAtMs + 1 });

  await Promise.all([runnerOf(lab).look(), runnerOf(lab).look()]);
  await runnerOf(lab).look();
  const batch = await lab.bench.batch();
  expect(batch.counts).toMatchObject({ waiting: 4_999, failed: 1 });
  expect(await steering.readEarlier('batch-1', 7)).toHaveLength(1);
  expect(await lab.bulk.read(idIn(place))).toMatchObject({
    state: 'completed',
    rows: 5_000,
    left: 0,
    begun: null,
  });
  expect(await lab.bulk.listUnderWay()).toEqual([]);
  const history = await steering.readHistory('batch-1');
  expect(history.map(({ what }) => what)).toEqual([
    `retried 5,000 rows (bulk action ${idIn(place)})`,
  ]);
});

it('a bulk action does something to many batches, and says which it left alone and why', async () => {
  const lab = await openLab();
  const { store, steering } = lab.bench;
  for (const id of ['night-1', 'night-2', 'night-3']) await withBatch(store, 4, [], id);
  await steering.cancel(ref('night-3'), null, NOW_MS);
  const page = '/batches';
  const fields = 'all=on&q=night&reason=wrong+files';
  const { place, text } = await choose(lab, { page, verb: 'cancel', fields });
  expect(text).toContain('2 batches are cancelled. 8 rows will not be tried.');
  expect(text).toContain('1 batch has nothing to cancel and is left alone.');
  await withBatch(store, 4, [], 'night-4');

  await lab.submit(place, `${place}/start`, {});
  await runnerOf(lab).look();
  const states = ['batch-1', 'night-1', 'night-2', 'night-4'].map(
    async (id) => (await store.readBatch(id))?.state,
  );
  expect(await Promise.all(states)).toEqual(['running', 'cancelled', 'cancelled', 'running']);
  expect((await steering.readHistory('night-1'))[0]).toMatchObject({
    who: 'anna',
    what: 'cancelled',
    reason: 'wrong files',
  });
  const said = await (await lab.look(place)).text();
  expect(said).toContain('2 batches done; 1 batch left alone.');
  expect(said).toContain('Batch night-3 is cancelled; there is nothing to cancel.');
  expect(await (await lab.look('/bulk-actions')).text()).toContain('Cancel: 3 batches');
});

it.each([
  ['pause', 'paused'],
  ['cancel', 'cancelled'],
  ['resume', 'running'],
] as const)(
  'a process counts %s of a batch that another process did before it died',
  async (verb, state) => {
    const lab = await openLab();
    const { steering, store } = lab.bench;
    if (verb === 'resume') await store.changeState(ref('batch-1'), 'pause', null, NOW_MS);
    const { place } = await choose(lab, { page: '/batches', verb, fields: 'batch=batch-1' });
    await lab.submit(place, `${place}/start`, {});
    const record = await lab.bulk.read(idIn(place));
    if (record === null) throw new Error('no bulk action');
    await takeStep(contextOf(lab), record);

    await runnerOf(lab).look();
    expect(await lab.bulk.read(idIn(place))).toMatchObject({ batches: 1, left: 0 });
    expect((await lab.bench.batch()).state).toBe(state);
    expect(await steering.readHistory('batch-1')).not.toEqual([]);
  },
);

it('a bulk action leaves a batch alone that has the id of one that was chosen and removed', async () => {
  const lab = await openLab();
  const { store, steering } = lab.bench;
  const page = '/batches';
  const fields = 'batch=batch-1&priority=40';
  const { place, text } = await choose(lab, { page, verb: 'priority', fields });
  expect(text).toContain('1 batch gets priority 40.');
  await steering.remove(await lab.bench.batch(), NOW_MS);
  await store.openBatch(draft({ incarnation: 'second', identity: 'other' }), NOW_MS);
  await lab.submit(place, `${place}/start`, {});
  await runnerOf(lab).look();
  expect((await lab.bench.batch()).priority).toBe(10);
  expect(await (await lab.look(place)).text()).toContain('Batch batch-1 was removed.');
});

it.each([
  ['nothing ticked', 'of=batch-1', 'retry', 'Tick at least one row'],
  ['a row that is not there', 'of=batch-1&row=99', 'retry', 'There is no row 99'],
  ['rows without anything to do', 'of=batch-1&row=1', 'retry', 'None of the 1 row can be retried'],
  ['an act that rows do not have', 'of=batch-1&row=1', 'cancel', 'Rows take one of retry, refresh'],
  ['an unknown batch', 'of=batch-9&row=1', 'retry', 'There is no batch batch-9.'],
  ['a priority that is none', 'batch=batch-1&priority=0', 'priority', 'whole number from 1 to 100'],
  ['an act that no batch can take', 'batch=batch-1', 'resume', 'has anything to resume'],
  ['an unknown act', 'batch=batch-1', 'obliterate', 'earlier version'],
])('the dashboard refuses %s in a sentence, and stores nothing', async (_, fields, verb, words) => {
  const lab = await openLab();
  const refused = await choose(lab, { fields, verb });
  expect([refused.status, refused.text]).toEqual([409, expect.stringContaining(words)]);
  expect((await lab.bench.keysLeft()).filter((key) => key.startsWith('bulk:'))).toEqual([]);
});

it('a bulk action is drafted, started, read and stopped by the API, too', async () => {
  const lab = await openLab();
  const ask = async (path: string, body?: object) => {
    const answer = await lab.ask(`/api/v1/bulk-actions${path}`, body ? 'POST' : 'GET', body);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const wanted = { on: 'rows', verb: 'retry', batchId: 'batch-1', rows: ['2-3'] };
  const { body: made } = await ask('', wanted);
  expect(made).toMatchObject({ state: 'draft', who: 'anna', rows: 0 });
  expect(await ask(`/${made.id}/start`, {})).toMatchObject({ body: { state: 'running' } });
  expect(await ask(`/${made.id}/stop`, {})).toMatchObject({ body: { state: 'stopped' } });
  await runnerOf(lab).look();
  expect(await ask(`/${made.id}`)).toMatchObject({ body: { rows: 0, stoppedBy: 'anna' } });
  expect(await ask('')).toMatchObject({ body: { actions: [{ id: made.id }] } });
  const both = { on: 'batches', verb: 'pause', ids: ['batch-1'], filter: {} };
  expect(await ask('', both)).toMatchObject({ status: 400 });
  const paused = await ask('', { ...both, filter: null });
  expect(paused.body.forecast).toBe(
    '1 batch is paused, with 1 row left to do; calls under way finish.',
  );
  expect(await ask('/000000000000/start', {})).toMatchObject({ status: 404 });
});
