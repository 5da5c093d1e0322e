import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { klingManifest } from '../e2e/e2e-test.ts';
import { DashboardLab, findBarriers, keepScreenshot, keepWidths } from './dashboard-lab.ts';

const READY = 'ready';
const IN_KATHMANDU = { timezoneId: 'Asia/Kathmandu' };
const AHEAD_MIN = 5 * 60 + 45;

const USED_UP = { status: 429, code: 1102, message: 'resource pack exhausted' };

let lab: DashboardLab;
let isUsedUp = false;

describe.skipIf(inject('chromiumPath') === null)('the dashboard, as it is read', () => {
  beforeAll(async () => {
    lab = await DashboardLab.open({ fail: () => (isUsedUp ? USED_UP : null) });
    await lab.place.write('ready.csv', klingManifest(2));
    await lab.place.cli(['import', 'ready.csv', '--batch', READY, '--tag', 'spring,ads']);
  }, 120_000);
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
  });

  test('pages show times in the zone of the reader, in UTC or as spans, as the reader last chose', async () => {
    const page = await lab.visitAs('victor', IN_KATHMANDU);
    await page.goto(`/batches/${READY}/rows/1`);
    const ended = page.locator('dt:text-is("Ended") + dd time');
    const endedAt = new Date((await ended.getAttribute('datetime')) ?? '');
    const inKathmandu = new Date(endedAt.getTime() + AHEAD_MIN * 60_000);
    expect(await ended.innerText()).toContain(minuteOf(inKathmandu));

    await page.getByLabel('Times').selectOption('UTC');
    expect(await ended.innerText()).toContain(minuteOf(endedAt));
    await page.goto(`/batches/${READY}`);
    const begun = page.locator('dt:text-is("Begun") + dd time');
    expect(await begun.innerText()).toContain(
      minuteOf(new Date((await begun.getAttribute('datetime')) ?? '')),
    );
    await page.getByLabel('Times').selectOption('Ago');
    expect(await begun.innerText()).toMatch(/^(now|\d+ (sec|min)\. ago)$/);
    expect(await findBarriers(page)).toEqual([]);
  });

  test('pages show the moments within sentences that way, too, also when they change', async () => {
    const page = await lab.visitAs('victor', IN_KATHMANDU);
    await lab.place.write('more.csv', klingManifest(3));
    isUsedUp = true;
    await lab.place.cli(['import', 'more.csv', '--batch', 'more']);
    const moment = page.locator('#gate time').first();
    await moment.waitFor();
    const at = new Date((await moment.getAttribute('datetime')) ?? '');
    expect(await moment.innerText()).toContain(
      minuteOf(new Date(at.getTime() + AHEAD_MIN * 60_000)),
    );
    isUsedUp = false;
    await lab.place.cli(['gate', 'open']);
    await moment.waitFor({ state: 'detached' });
  });

  test('the page names its installation and says that it is for practice, before and after the log-in', async () => {
    const stranger = await lab.visit();
    await stranger.goto('/login');
    const titles = [];
    for (const page of [stranger, await lab.visitAs('victor')]) {
      expect(await page.locator('.installation').innerText()).toMatch(/Studio nights\s+practice/);
      titles.push(await page.title());
      expect(await findBarriers(page)).toEqual([]);
    }
    expect(titles).toEqual([
      'Log in · Studio nights (practice)',
      'Overview · Studio nights (practice)',
    ]);
    await keepScreenshot(stranger, 'login-light');
  });

  test('the queue board shows every queue without a complaint of the browser, and leads back', async () => {
    const page = await lab.visitAs('victor');
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', ({ message }) => complaints.push(message));
    await page.goto('/queues');
    for (const queue of ['dispatch', 'probe', 'init-selection', 'notice', 'schedule']) {
      await page.getByText(queue, { exact: true }).first().waitFor();
    }
    await page.getByText('init-selection', { exact: true }).first().click();
    await page.waitForURL(/queue\/init-selection/);
    expect(complaints).toEqual([]);
    await page.getByRole('link', { name: '← Dashboard' }).click();
    await page.waitForURL(`${lab.url}/`);
  });

  test('a tag links to all batches that have it', async () => {
    const page = await lab.visitAs('victor');
    await page.goto(`/batches/${READY}`);
    await page.getByRole('link', { name: 'spring' }).click();
    expect(await page.getByLabel('Tag').inputValue()).toBe('spring');
    expect(await page.locator('tbody th > a:not(.tag)').allInnerTexts()).toEqual([READY]);
    await page.getByLabel('Tag').fill('autumn');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByText('No batch matches.').waitFor();
  });

  test('the form says what a cron expression means while it is typed, or what is wrong with it', async () => {
    const page = await lab.visitAs('olga');
    await page.goto('/schedules/-/new');
    await page.getByLabel('Time zone').fill('Asia/Taipei');
    await page.getByLabel('Cron expression').pressSequentially('30 6 * * 1-5');
    await page.getByText('At 06:30, Monday through Friday').waitFor();
    expect(await page.locator('#times tbody tr').count()).toBe(5);
    await page.getByLabel('Cron expression').fill('30 6 * *');
    await page.getByText('has 4 of five fields').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await keepWidths(page, 'schedule-form-light');
  });

  test('a search that has found nothing yet continues by itself', async () => {
    const page = await lab.visitAs('victor');
    const rows = `/batches/${READY}/rows`;
    // Like a search among a million rows that runs out of time before it finds anything.
    await page.route('**/rows?text=far', async (route) => {
      const answer = await route.fetch();
      const onward = `<a data-onward="yes" href="${rows}?text=row">Search on</a>`;
      await route.fulfill({ body: (await answer.text()).replace('</main>', `${onward}</main>`) });
    });
    await page.goto(rows);
    await page.evaluate(`location.href = '${rows}?text=far'`);
    await page.waitForURL(`${lab.url}${rows}?text=row`);
    await page.goBack();
    expect(page.url()).toBe(lab.url + rows);
  });

  test('a page updates again by itself when the dashboard was down', async () => {
    const page = await lab.visitAs('olga');
    await page.goto('/limits');
    await page.evaluate('window.isSameDocument = true');
    const lost = page.getByText('Connection lost; reconnecting');
    expect(await lost.isVisible()).toBe(false);
    await lab.killDashboard();
    await lost.waitFor();
    await lab.place.cli(['gate', 'set', '--concurrency', '2']);
    await lab.startDashboard();
    await page.getByText('Calls: 2 at once').waitFor();
    await lost.waitFor({ state: 'hidden' });
    expect(await page.evaluate('window.isSameDocument')).toBe(true);
  });
});

const minuteOf = (at: Date): string => at.toISOString().slice(11, 16);
