import { expect, it } from 'vitest';
import { exampleSchedule } from '../../setup/examples/schedule.ts';
import { DashboardLab } from './dashboard-lab.ts';

const NEW = '/schedules/-/new';
const FORM = { name: 'nightly', cron: '0 2 * * *', tz: 'Asia/Taipei', manifest: '/srv/clips.csv' };

it('the dashboard creates a schedule by a form, like the command line', async () => {
  const lab = await DashboardLab.open();
  const made = await lab.submit(NEW, NEW, { ...FORM, 'map.video_url': 'Link', priority: '10' });
  expect([made.status, made.headers.get('location')]).toEqual([
    303,
    '/schedules/nightly?done=created',
  ]);
  const reading = { ...exampleSchedule().reading, map: { video_url: 'Link' } };
  const schedule = exampleSchedule({ manifest: '/srv/clips.csv', reading });
  expect((await lab.schedules.read('nightly'))?.schedule).toEqual(schedule);
  expect(await lab.scheduleQueue.readNextTick('nightly')).toBeGreaterThan(Date.now());
  const [entry] = await lab.audit.read(1);
  expect(entry).toMatchObject({ who: 'anna', what: 'schedule nightly created' });
});

it('the dashboard shows the input and what is wrong with it, and creates nothing', async () => {
  const lab = await DashboardLab.open();
  const answer = await lab.submit(NEW, NEW, { ...FORM, cron: '0 2 <b> * *', sheet: 'Clips "A"' });
  expect(answer.status).toBe(400);
  const page = await answer.text();
  expect(page).toContain('is not a usable cron expression');
  expect(page).toContain('value="Clips &quot;A&quot;"');
  expect(page).not.toContain('<b>');
  expect(await lab.schedules.list()).toEqual([]);
});

it('the dashboard shows in words and as times what a schedule would do, without creating or changing one', async () => {
  const lab = await DashboardLab.open({ now: () => Date.UTC(2026, 10, 29) });
  const asked = { ...FORM, cron: '30 6 * * 1-5', preview: 'yes', priority: '<b>' };
  const page = await (await lab.submit(NEW, NEW, asked)).text();
  expect(page).toContain('At 06:30, Monday through Friday');
  expect(page.match(/2026-1[12]-\d\d 06:30 \+08:00/g)).toHaveLength(5);
  expect(page).toContain('value="&lt;b&gt;"');
  expect(await lab.schedules.list()).toEqual([]);
  const fragment = await lab.ask('/schedules/-/times?cron=%3Cb%3E&tz=UTC');
  expect(await fragment.text()).toMatch(/^<p class="notice">.*fields.*<\/p>$/);
  await lab.schedules.set(exampleSchedule(), 1_000);
  const edit = '/schedules/nightly/edit';
  const shown = await lab.submit(edit, edit, { ...asked, seenMs: '999' });
  expect(await shown.text()).toContain('name="seenMs" value="999"');
  expect((await lab.schedules.read('nightly'))?.setAtMs).toBe(1_000);
});

it('the dashboard does not overwrite another schedule', async () => {
  const lab = await DashboardLab.open();
  await lab.schedules.set(exampleSchedule(), Date.now());
  const answer = await lab.submit(NEW, NEW, { ...FORM, cron: '0 5 * * *' });
  expect([answer.status, await answer.text()]).toEqual([
    409,
    expect.stringContaining('Schedule nightly already exists'),
  ]);
  expect((await lab.schedules.read('nightly'))?.schedule).toEqual(exampleSchedule());
});

it('the dashboard changes a schedule unless another user has changed it meanwhile', async () => {
  const lab = await DashboardLab.open();
  await lab.schedules.set(exampleSchedule(), 1_000);
  const edit = '/schedules/nightly/edit';
  const { name: _, ...fields } = FORM;
  const late = await lab.submit(edit, edit, { ...fields, seenMs: '999' });
  expect([late.status, await late.text()]).toEqual([
    409,
    expect.stringContaining('nightly has been changed since this form was opened.'),
  ]);
  const saved = await lab.submit(edit, edit, { ...fields, seenMs: '1000', reuse: 'on' });
  expect(saved.headers.get('location')).toBe('/schedules/nightly?done=changed');
  const kept = await lab.schedules.read('nightly');
  expect(kept?.schedule).toMatchObject({ manifest: '/srv/clips.csv', options: { reuse: true } });
});

it('the page runs, pauses, resumes and removes a schedule, and records who did so', async () => {
  const lab = await DashboardLab.open();
  await lab.schedules.set(exampleSchedule(), Date.now());
  const page = '/schedules/nightly';
  const act = async (verb: string): Promise<number> =>
    (await lab.submit(NEW, `${page}/${verb}`, {})).status;
  expect(await act('pause')).toBe(303);
  expect(await (await lab.look(page)).text()).toContain('None while it is paused.');
  expect(await act('resume')).toBe(303);
  expect(await act('run')).toBe(303);
  // The run of a second ago waits for a worker, and this one must not run beside it.
  expect(await act('run')).toBe(409);
  expect(await (await lab.look(page)).text()).toMatch(/by a person.*waiting/s);
  expect(await act('remove')).toBe(303);
  expect(await act('run')).toBe(404);
  expect((await lab.audit.read(9)).map(({ what }) => what)).toEqual([
    'schedule nightly removed',
    'schedule nightly run now',
    'schedule nightly resumed',
    'schedule nightly paused',
  ]);
});

it("the dashboard hides the webhook and an address' query from viewers", async () => {
  const lab = await DashboardLab.open();
  const notify = { url: 'https://hooks.example/T0/s3cret', format: 'slack' as const };
  const manifest = 'https://clips.example/today.csv?token=s3cret';
  await lab.schedules.set(exampleSchedule({ manifest, notify }), Date.now());
  for (const path of ['/schedules', '/schedules/nightly', '/', '/api/v1/schedules/nightly']) {
    expect(await (await lab.look(path)).text()).not.toContain('s3cret');
  }
  expect(await (await lab.look('/schedules/nightly/edit')).text()).toContain('s3cret');
});

it('the dashboard finds the batches of a schedule or with a tag', async () => {
  const lab = await DashboardLab.open();
  await lab.openBatch('nightly-20261125-020000', { schedule: 'nightly', tags: ['spring'] });
  await lab.openBatch('by-hand', {});
  for (const filter of ['schedule=nightly', 'tag=spring', 'q=NIGHT&tag=spring']) {
    const page = await (await lab.look(`/batches?${filter}`)).text();
    expect(page).toContain('nightly-20261125-020000');
    expect(page).not.toContain('by-hand');
  }
  expect(await (await lab.look('/batches?tag=autumn')).text()).toContain('No batch matches.');
});
