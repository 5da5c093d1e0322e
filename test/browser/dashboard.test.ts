import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Access } from '../../src/dashboard/auth/access.ts';
import { LiveHub } from '../../src/dashboard/live/live-hub.ts';
import type { DashboardPorts } from '../../src/dashboard/ports.ts';
import { listRoutes } from '../../src/dashboard/routes.ts';
import { klingManifest } from '../e2e/e2e-test.ts';
import { DashboardLab, findBarriers, keepScreenshot, keepWidths, logIn } from './dashboard-lab.ts';

const ROWS = 30;
/** Refused on the first visit. */
const REFUSED_ONCE = new Set(['100000000000000003', '100000000000000007']);
const READY = 'ready';
// A button without a name, and a hint with low contrast; both belong to bull-board.
const BULL_BOARDS = /\/queues (button-name|color-contrast): /;
/** All of our own links that do not change; links to other pages are checked on the way there. */
const PAGES = {
  overview: '/',
  batches: '/batches',
  batch: `/batches/${READY}`,
  rows: `/batches/${READY}/rows`,
  row: `/batches/${READY}/rows/1`,
  upload: '/upload',
  schedules: '/schedules',
  'schedule-new': '/schedules/-/new',
  limits: '/limits',
  tokens: '/tokens',
};
const seen = new Set<string>();
const refused = { status: 400, code: 1201, message: 'the clip is odd' };

const timeIn = (hours: number): string =>
  new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
/** A batch without a worker. */
const SHUT_NOW = ['--window', `${timeIn(2)}-${timeIn(3)}`, '--tz', 'UTC'];

let lab: DashboardLab;

// A typical table: columns with other names, and an id in line 32 that a spreadsheet has damaged.
const manifest = klingManifest(ROWS)
  .replace('name,video_id,task_id', 'Title,Clip,Order')
  .concat('row 31,7.84912E+17,600000000000000031\n');

describe.skipIf(inject('chromiumPath') === null)('dashboard', () => {
  beforeAll(async () => {
    lab = await DashboardLab.open({
      delayMs: 200,
      fail: ({ body }) => {
        const id = String(body.video_id);
        if (!REFUSED_ONCE.has(id) || seen.has(id)) return null;
        seen.add(id);
        return refused;
      },
    });
    await lab.place.write('ready.csv', klingManifest(3).replace(/\n.*000003,.*\n/, '\n'));
    await lab.place.cli(['import', 'ready.csv', '--batch', READY]);
  }, 120_000);
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
  });

  test('the dashboard requires the right password, and then opens the page that was asked for', async () => {
    const page = await lab.visit();
    await page.goto('/limits');
    await logIn(page, 'olga', 'wrong');
    await page.getByText('Name or password is wrong.').waitFor();
    await page.goto('/limits');
    await logIn(page, 'olga', 'correct horse');
    await page.waitForURL(`${lab.url}/limits`);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.goto('/limits');
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    expect(await findBarriers(page)).toEqual([]);
  });

  test('the dashboard carries a manifest from its upload to its report', async () => {
    const page = await lab.visitAs('olga');
    const id = await uploadAndStart(page);

    // Everything on the page now is still there when the batch has ended, so it was never reloaded.
    await page.evaluate('window.isSameDocument = true');
    await stateOf(page, 'completed');
    expect(await page.evaluate('window.isSameDocument')).toBe(true);
    await page.getByRole('link', { name: `succeeded ${ROWS - 2}` }).waitFor();

    await retryGroup(page, '1201');
    await page.getByRole('link', { name: `succeeded ${ROWS}` }).waitFor();
    await stateOf(page, 'completed');
    await page.locator('#history').getByText('retried 2 rows').waitFor();
    expect(await page.locator('#history').innerText()).toContain('olga');

    expect(await download(page, 'Report, CSV')).toBe(
      (await lab.place.cli(['results', id, '--guard'])).stdout,
    );
    expect(await findBarriers(page)).toEqual([]);
    await keepScreenshot(page, 'batch-light');
  });

  test('the dashboard asks for confirmation with the numbers before a batch is cancelled, and offers the way back', async () => {
    const { place } = lab;
    await place.write('wrong.csv', klingManifest(31));
    // A limit is a value of the form to which all of these buttons belong.
    await place.cli([
      'import',
      'wrong.csv',
      '--batch',
      'wrong',
      '--max-sessions',
      '40',
      ...SHUT_NOW,
    ]);
    const page = await lab.visitAs('olga');
    await page.goto('/batches/wrong');

    await page.getByText('Cancel batch …').click();
    await page.getByText('31 rows will not be tried.').waitFor();
    await stateOf(page, 'paused');
    expect(await findBarriers(page)).toEqual([]);
    await keepScreenshot(page, 'cancel-light');
    await page.getByRole('button', { name: 'Cancel 31 rows' }).click();
    await stateOf(page, 'cancelled');
    await page.getByText('Undo cancel …').click();
    await page.getByRole('button', { name: 'Queue 31 rows' }).click();

    await page.getByText('31 rows queued for retry.').waitFor();
    const { counts } = JSON.parse((await place.cli(['status', 'wrong', '--json'])).stdout).batch;
    expect(counts.cancelled).toBe(0);
    await page.locator('#history', { hasText: 'retried 31 rows' }).waitFor();
  });

  test('an operator changes the limit for the workers, and the page shows who changed it', async () => {
    const page = await lab.visitAs('olga');
    await page.goto('/limits');
    await page.getByLabel('Calls at once').fill('3');
    await page.getByRole('button', { name: 'Set limits' }).click();
    await page.getByText('Calls: 3 at once').waitFor();
    await page.locator('#history', { hasText: 'olga set the limits: calls at once 3' }).waitFor();
    const gate = JSON.parse((await lab.place.cli(['gate', '--json'])).stdout);
    expect(gate.concurrency).toBe(3);
    expect(await findBarriers(page)).toEqual([]);
  });

  test('a viewer sees everything and changes nothing, by any route', async () => {
    const page = await lab.visitAs('victor');
    await page.goto('/batches');
    await page.getByRole('link', { name: READY, exact: true }).click();
    await stateOf(page, 'completed');
    expect(await page.getByRole('button').allInnerTexts()).toEqual(['Log out']);
    const token = (await page.locator('[name=_csrf]').first().getAttribute('value')) ?? '';

    const before = await page.content();
    for (const { method, path } of changes()) {
      const answer = await page.request.fetch(path.replace(/:\w+/g, READY), {
        method,
        headers: {
          'x-csrf-token': token,
          'sec-fetch-site': 'same-origin',
          accept: 'application/json',
        },
      });
      expect([path, answer.status()]).toEqual([path, 403]);
      expect((await answer.json()).error.code).toBe('viewer');
    }
    await page.reload();
    expect(await page.content()).toBe(before);
    await page.goto('/upload');
    await page.getByText('may view everything but change nothing').waitFor();
  });

  test('the dashboard creates a schedule, runs it, and follows the run to its end', async () => {
    await lab.place.write('nightly.csv', klingManifest(4).replaceAll('10000000', '20000000'));
    const page = await lab.visitAs('olga');
    await page.getByRole('link', { name: 'Schedules' }).click();
    await page.getByRole('link', { name: 'New schedule' }).click();
    await page.getByLabel('Name').fill('nightly');
    await page.getByLabel('Cron expression').fill('0 2 * *');
    await page.getByLabel('Time zone').fill('Asia/Taipei');
    await page.getByLabel('Manifest', { exact: true }).fill(lab.place.path('nightly.csv'));
    await page.getByRole('button', { name: 'Create schedule' }).click();
    await page.getByText('has 4 of five fields').waitFor();
    await page.getByLabel('Cron expression').fill('0 2 * * *');
    await page.getByRole('button', { name: 'Create schedule' }).click();
    await page.getByText('The schedule was created.').waitFor();
    expect(await page.locator('#next tbody tr').count()).toBe(5);
    await page.getByRole('button', { name: 'Run now' }).click();
    const run = page.locator('#runs tbody tr');
    await run.filter({ hasText: 'finished' }).filter({ hasText: '4 rows' }).waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await keepScreenshot(page, 'schedule-light');
    await run.getByRole('link', { name: /^nightly-/ }).click();
    await stateOf(page, 'completed');
    const listed = JSON.parse(
      (await lab.place.cli(['schedule', 'show', 'nightly', '--json'])).stdout,
    );
    expect(listed).toMatchObject({
      schedule: { zone: 'Asia/Taipei' },
      runs: [{ state: 'finished' }],
    });
  });

  test.each(['light', 'dark'] as const)(
    'the dashboard has no barriers in %s',
    async (colorScheme) => {
      const page = await lab.visitAs('olga', { colorScheme });
      for (const [name, path] of Object.entries(PAGES)) {
        await page.goto(path);
        expect(await findBarriers(page)).toEqual([]);
        await keepWidths(page, `${name}-${colorScheme}`);
      }
      await page.goto('/queues');
      await page.getByText('init-selection').first().waitFor();
      expect((await findBarriers(page)).filter((barrier) => !BULL_BOARDS.test(barrier))).toEqual(
        [],
      );
      await keepScreenshot(page, `queues-${colorScheme}`);
    },
  );
});

async function uploadAndStart(page: Page): Promise<string> {
  await page.getByRole('link', { name: 'Upload', exact: true }).click();
  await drop(page, 'night.csv', manifest);
  await page.getByRole('button', { name: 'Upload and check' }).click();
  await page.getByText('no column that says which video a row is about').waitFor();
  await page.getByLabel('Kling video id').selectOption('Clip');
  await page.getByLabel('Kling task id').selectOption('Order');
  await page.getByRole('button', { name: 'Read it this way' }).click();
  await page.getByText('Line 32, column "Clip"').waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await page.getByRole('button', { name: 'Start with 31 rows' }).click();
  await page.waitForURL(/\/batches\/night-/);
  return new URL(page.url()).pathname.split('/').at(-1) ?? '';
}

/** As if the file was dragged there from another window. */
async function drop(page: Page, name: string, content: string): Promise<void> {
  const dragged = await page.evaluateHandle(`
    const dragged = new DataTransfer();
    dragged.items.add(new File([${JSON.stringify(content)}], ${JSON.stringify(name)}));
    dragged;
  `);
  await page.dispatchEvent('[data-drop]', 'drop', { dataTransfer: dragged });
}

async function retryGroup(page: Page, code: string): Promise<void> {
  const group = page.locator('#errors li', { hasText: code });
  await group.getByText('the clip is odd').waitFor();
  await group.getByText('Retry these …').click();
  await group.getByRole('button', { name: 'Retry 2 rows' }).click();
  await page.getByText('2 rows queued for retry.').waitFor();
}

const stateOf = (page: Page, state: string): Promise<void> =>
  page.locator('#state', { hasText: state }).waitFor();

async function download(page: Page, link: string): Promise<string> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: link }).first().click(),
  ]);
  return await readFile(await file.path(), 'utf8');
}

/** Listing uses neither ports nor users. */
const changes = (): { method: string; path: string }[] =>
  listRoutes({} as DashboardPorts, { kind: 'login' } as Access, new LiveHub(1_000)).filter(
    ({ method, access }) => method !== 'GET' && access !== 'anyone',
  );
