import { expect, it } from 'vitest';
import { failed, withBatch } from '../../contract/batch-store/examples.ts';
import { opened } from '../store/steering-bench.ts';
import { DashboardLab } from './dashboard-lab.ts';

const PAGE = '/batches/batch-1';

async function openLab(): Promise<DashboardLab> {
  const lab = await DashboardLab.open();
  const { bench } = lab;
  await withBatch(bench.store, 5);
  await bench.end(1, opened('session 1'));
  await bench.end(2, failed('http_404'));
  await bench.end(3, failed('http_500'));
  return lab;
}

it('the dashboard does what the buttons of a batch say, and records who did it in its history', async () => {
  const lab = await openLab();
  const act = async (button: string, fields: Record<string, string> = {}) => {
    const answer = await lab.submit(PAGE, `${PAGE}/${button}`, fields);
    expect([button, answer.status]).toEqual([button, 303]);
    return answer.headers.get('location');
  };
  expect(await act('pause', { reason: ' too early ' })).toBe(`${PAGE}?done=pause&rows=0`);
  await act('resume');
  await act('priority', { priority: '40' });
  await act('max-sessions', { maxSessions: '500' });
  await act('max-sessions', { maxSessions: 'off' });
  await act('keep-alive', { keepAlive: '3d' });
  expect(await act('retry?code=http_404')).toBe(`${PAGE}?done=retry&rows=1`);
  expect(await act('refresh', { within: '24h' })).toContain('done=refresh');
  await act('cancel', { reason: 'wrong file' });
  const history = await lab.bench.steering.readHistory('batch-1');
  expect(history.map(({ who, what, reason }) => [who, what, reason])).toEqual([
    ['anna', 'cancelled', 'wrong file'],
    ['anna', expect.stringContaining('refreshed'), null],
    ['anna', expect.stringContaining('retried 1 row'), null],
    ['anna', expect.stringMatching(/^sessions kept alive until /), null],
    ['anna', 'maximum of sessions set to off', null],
    ['anna', 'maximum of sessions set to 500', null],
    ['anna', 'priority set to 40', null],
    ['anna', 'resumed', null],
    ['anna', 'paused', 'too early'],
  ]);
});

it('the dashboard retries the rows of a code, however they ended, by the page and by the API', async () => {
  const lab = await openLab();
  const rejected = { ...failed('too_long'), status: 'rejected' as const };
  await lab.bench.end(4, rejected);
  const byPage = await lab.submit(PAGE, `${PAGE}/retry?code=too_long`, {});
  expect(byPage.headers.get('location')).toContain('rows=1');
  await lab.bench.end(4, rejected);
  const byApi = async (wanted: object): Promise<unknown> =>
    await (await lab.ask('/api/v1/batches/batch-1/retry', 'POST', wanted)).json();
  expect(await byApi({ codes: ['too_long'] })).toMatchObject({ rows: 1 });
  expect(await byApi({})).toMatchObject({ rows: 2 });
  const history = await lab.bench.steering.readHistory('batch-1');
  expect(history.map(({ what }) => what)).toEqual([
    'retried 2 rows (failed, unconfirmed)',
    'retried 1 row (with too_long)',
    'retried 1 row (with too_long)',
  ]);
});

it('the page of a batch, its API and the page of a row say which rows would wait for the budget', async () => {
  const lab = await openLab();
  await lab.submit(PAGE, `${PAGE}/max-sessions`, { maxSessions: '3' });
  const [page, row] = await Promise.all(
    [PAGE, `${PAGE}/rows/2`].map(async (path) => await (await lab.look(path)).text()),
  );
  const dryRun = await lab.ask('/api/v1/batches/batch-1/retry', 'POST', { dryRun: true });

  expect(page).toMatch(
    /2 rows will be queued for retry, and called as the budget allows.* so 1 row will wait; “Set sessions at most” with 4 allows/,
  );
  expect(row).toContain('1 row will be tried again, with one call.</p>');
  expect(await dryRun.json()).toMatchObject({ rows: 2 });
});

it('the pages of a batch and of a row say how many rows its budget and that of the day leave waiting', async () => {
  const lab = await openLab();
  const { redis, keys } = lab.bench;
  await redis.hset(keys.sessionsToday, { used: 1, endsMs: Date.now() + 3_600_000 });
  await lab.ask('/api/v1/limits', 'PUT', { sessionsPerDay: 1 });
  await lab.submit(PAGE, `${PAGE}/max-sessions`, { maxSessions: '1' });
  const [page, row] = await Promise.all(
    [PAGE, `${PAGE}/rows/2`].map(async (path) => await (await lab.look(path)).text()),
  );

  const [retry, refresh, code] = ['retry', 'refresh', 'retry-http_404'].map(
    (id) => page?.split(`id="ask-${id}"`)[1]?.split('</details>')[0],
  );
  const ofDay = (rows: string, limit: number): string =>
    `so ${rows} will wait until the day ends; ${limit} sessions per day under “Limits” allow`;
  expect(retry).toContain('so 3 rows will wait; “Set sessions at most” with 4 allows');
  expect(retry).toContain(ofDay('at least 2 rows', 3));
  expect(refresh).toContain('so up to 2 rows will wait; “Set sessions at most” with 3 allows');
  expect(refresh).toContain(ofDay('up to 1 row', 2));
  expect(code).toContain(ofDay('at least 1 row', 2));
  expect(row).toContain(ofDay('at least 1 row', 2));
});

it('the page of a row calls it again, after saying what that means', async () => {
  const lab = await openLab();
  const row = async (number: number): Promise<string> =>
    await (await lab.look(`${PAGE}/rows/${number}`)).text();
  expect(await row(2)).toContain('1 row will be tried again, with one call.');
  const retried = await lab.submit(`${PAGE}/rows/2`, `${PAGE}/retry?row=2&status=failed`, {});
  expect(retried.headers.get('location')).toBe(`${PAGE}/rows/2?done=retry&rows=1`);
  expect(await lab.bench.statuses()).toEqual([
    'succeeded',
    'waiting',
    'failed',
    'waiting',
    'waiting',
  ]);
  expect(await row(2)).toContain('It can be retried once it has ended.');
  expect(await row(1)).toContain('It has a session that lives');
  await lab.submit(`${PAGE}/rows/1`, `${PAGE}/retry?row=1&status=succeeded`, {});
  expect((await lab.bench.statuses())[0]).toBe('waiting');
  const { bench } = lab;
  await bench.end(4, { ...failed('row_shape'), status: 'invalid' });
  await bench.end(5, { ...failed('repeated'), status: 'duplicate', duplicateOf: 2 });
  expect(await row(4)).toContain('correct this row in the manifest');
  expect(await row(5)).toContain('It repeats row 2');
  expect((await lab.submit(PAGE, `${PAGE}/retry?row=99`, {})).status).toBe(409);
  const history = await bench.steering.readHistory('batch-1');
  expect(history.map(({ what }) => what)).toEqual([
    expect.stringContaining('of rows 1'),
    expect.stringContaining('of rows 2'),
  ]);
});

it('the dashboard leads back from what does not exist and from what was refused', async () => {
  const lab = await openLab();
  const page = async (path: string): Promise<string> => await (await lab.look(path)).text();
  expect(await page('/batches/nihgt')).toContain('href="/search?q=nihgt"');
  expect(await page('/batches/batch-1/rows/99')).toContain('<a href="/batches">All batches</a>');
  expect(await page('/schedules/none')).toContain('<a href="/schedules">All schedules</a>');
  expect(await page('/nowhere')).toContain('<a href="/">');
  const resumed = await lab.submit(PAGE, `${PAGE}/resume`, {});
  expect(await resumed.text()).toContain(`<a href="${PAGE}">Back</a>`);
  expect(await page('/batches?state=cancelled')).toContain(
    '<a href="/batches">Show all batches</a>',
  );
});

it('the dashboard speaks of buttons on pages, and explains each word for rows', async () => {
  const lab = await openLab();
  await lab.submit(PAGE, `${PAGE}/pause`, { reason: 'budget' });
  const paused = await (await lab.look(PAGE)).text();
  expect(paused).toContain('Paused: budget; “Resume” on its page continues it.');
  expect(paused).not.toContain('kling-sessions resume');
  expect(paused).toContain('no more rows are started; calls under way finish');
  expect(paused).toContain('refused by the API, unreadable, or attempts used up');
});

it('the dashboard refuses an act that makes no sense with a sentence, and changes nothing', async () => {
  const lab = await openLab();
  const resumed = await lab.submit(PAGE, `${PAGE}/resume`, {});
  expect([resumed.status, await resumed.text()]).toEqual([
    409,
    expect.stringContaining('Batch batch-1 is running; there is nothing to resume.'),
  ]);
  expect((await lab.submit(PAGE, `${PAGE}/priority`, { priority: '101' })).status).toBe(409);
  expect((await lab.submit(PAGE, '/batches/none/pause', {})).status).toBe(404);
  expect(await lab.bench.steering.readHistory('batch-1')).toEqual([]);
});

it('the dashboard sets the limits of all workers, resets them, and records who did so', async () => {
  const lab = await DashboardLab.open();
  const set = async (concurrency: string, rate: string): Promise<number> =>
    (await lab.submit('/limits', '/limits', { concurrency, rate })).status;
  expect(await set('3', '1.5')).toBe(303);
  expect(await (await lab.look('/limits')).text()).toContain('Calls: 3 at once, 1.5 per second.');
  expect(await set('', '')).toBe(303);
  expect(await (await lab.look('/limits')).text()).toContain('Calls: 5 at once, no limit');
  expect(await set('0', '')).toBe(409);
  expect((await lab.submit('/limits', '/gate/open', {})).status).toBe(303);
  const changes = await lab.audit.read(9);
  expect(changes.map(({ who }) => who)).toEqual(['anna', 'anna', 'anna']);
});

it('the dashboard counts by the API what an act would do, in the form of its answer, and changes nothing', async () => {
  const lab = await openLab();
  const dry = async (verb: string, wanted: object = {}): Promise<unknown> =>
    await (
      await lab.ask(`/api/v1/batches/batch-1/${verb}`, 'POST', { ...wanted, dryRun: true })
    ).json();
  const none = { live: 0, longestLifeMs: 0, unclear: 0 };
  const left = [{ why: 'not ended yet', rows: [{ from: 4, to: 5 }] }];
  expect(await dry('retry', { rows: [2, '4-5'] })).toEqual({ rows: 1, ...none, left });
  expect(await dry('retry', { statuses: ['succeeded'] })).toMatchObject({ rows: 1, live: 1 });
  expect(await dry('cancel')).toEqual({ state: 'running', rows: 2 });
  expect(await dry('retry', { rows: ['6'] })).toMatchObject({
    error: { message: expect.stringContaining('There is no row 6 in batch batch-1') },
  });
  expect(await lab.bench.steering.readHistory('batch-1')).toEqual([]);
});
