import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { klingManifest } from '../e2e/e2e-test.ts';
import { DashboardLab, findBarriers, keepWidths } from './dashboard-lab.ts';

const BATCH = 'clips';
const ROWS = `/batches/${BATCH}/rows`;
/** The lease of a killed process ends after 15 s. */
const WITHIN = { timeout: 40_000, interval: 500 };

let lab: DashboardLab;

describe.skipIf(inject('chromiumPath') === null)(
  'with ticked rows or batches, the dashboard',
  () => {
    beforeAll(async () => {
      lab = await DashboardLab.openWithBatch(BATCH);
    }, 120_000);
    afterAll(async () => {
      await lab?.[Symbol.asyncDispose]();
    });

    test('a bulk action asks, and finishes what was started although it is killed, without JavaScript', async () => {
      const page = await lab.visitAs('olga', { javaScriptEnabled: false });
      await page.goto(`${ROWS}?state=failed`);
      await page.getByRole('button', { name: 'Retry …' }).click();
      await page.getByText('Tick at least one row, or “all that match”.').waitFor();
      await page.goto(`${ROWS}?state=failed`);
      await page.getByLabel('all 3 that match').check();
      await page.getByRole('button', { name: 'Retry …' }).click();
      await page.getByText('3 rows will be tried again, with a call for each.').waitFor();
      const place = page.url();
      await page.getByRole('button', { name: 'Retry', exact: true }).click();
      await page.waitForURL(place);
      await lab.killDashboard();
      await lab.startDashboard();
      await expect
        .poll(async () => {
          await page.goto(place);
          return await page.locator('#progress').innerText();
        }, WITHIN)
        .toContain('3 rows queued; 0 rows left alone.');
      await page.goto(`/batches/${BATCH}`);
      expect(await page.locator('#history').innerText()).toMatch(
        /olga retried 3 rows \(bulk action [0-9a-f]{12}\)/,
      );
    }, 90_000);

    test('the list keeps what is ticked while it changes, and ticks the whole page', async () => {
      const page = await lab.visitAs('olga');
      await page.goto('/batches');
      await page.getByLabel(BATCH, { exact: true }).check();
      await page.getByText('1 ticked').waitFor();
      await lab.place.write('other.csv', klingManifest(2, 100));
      await lab.place.cli(['import', 'other.csv', '--batch', 'other']);
      await page.getByRole('link', { name: 'other' }).waitFor();
      expect(await page.getByLabel(BATCH, { exact: true }).isChecked()).toBe(true);
      await page.getByLabel('All on this page').check();
      await page.getByText('2 ticked').waitFor();
      await page.getByText('More actions, and a reason for the history').click();
      await page.getByLabel('Priority').fill('40');
      await page.getByLabel('Reason').fill('first of all');
      await page.getByRole('button', { name: 'Set priority …' }).click();
      await page.getByText('2 batches get priority 40.').waitFor();
      await page.getByRole('button', { name: 'Set priority' }).click();
      await page.getByText('2 batches done; 0 batches left alone.').waitFor();
      await page.goto('/batches/other');
      await page.getByText('first of all').waitFor();
    });

    test('a viewer sees no boxes', async () => {
      const page = await lab.visitAs('victor');
      for (const path of [ROWS, '/batches']) {
        await page.goto(path);
        await page.getByRole('heading', { level: 1 }).waitFor();
        expect(await page.locator('input[type="checkbox"]').count()).toBe(0);
      }
    });

    test.each(['light', 'dark'] as const)(
      'the list has no barriers, in %s',
      async (colorScheme) => {
        const page = await lab.visitAs('olga', { colorScheme });
        await page.goto(ROWS);
        expect(await findBarriers(page)).toEqual([]);
        await keepWidths(page, `select-rows-${colorScheme}`);
        await page.goto('/batches');
        await page.getByText('More actions, and a reason for the history').click();
        expect(await findBarriers(page)).toEqual([]);
        await keepWidths(page, `select-batches-${colorScheme}`);
        await page.getByLabel(BATCH, { exact: true }).check();
        await page.getByRole('button', { name: 'Retry failed rows …' }).click();
        await page.getByText('to be confirmed').waitFor();
        expect(await findBarriers(page)).toEqual([]);
        await keepWidths(page, `bulk-question-${colorScheme}`);
        await page.getByRole('link', { name: 'All bulk actions' }).click();
        await page.getByRole('heading', { name: 'Bulk actions' }).waitFor();
        expect(await findBarriers(page)).toEqual([]);
        await keepWidths(page, `bulk-actions-${colorScheme}`);
      },
    );
  },
);
