import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { DashboardLab, findBarriers, keepWidths } from './dashboard-lab.ts';

const BATCH = 'clips';

let lab: DashboardLab;

describe.skipIf(inject('chromiumPath') === null)('with thousands of rows, the dashboard', () => {
  beforeAll(async () => {
    lab = await DashboardLab.openWithBatch(BATCH);
  }, 120_000);
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
  });

  test('the dashboard finds a row from any page by its session, with / and Enter', async () => {
    const page = await lab.visitAs('victor');
    const { stdout } = await lab.place.cli(['row', BATCH, '7', '--json']);
    const session: string = JSON.parse(stdout).outcome.session.id;
    await page.goto('/limits');
    await page.keyboard.press('/');
    await page.keyboard.type(session);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: `Row 7 of ${BATCH}` }).click();
    await page.getByRole('heading', { name: `Row 7 of ${BATCH}` }).waitFor();
    // Within a field it is a letter.
    await page.getByRole('searchbox', { name: 'Find' }).fill('row 2');
    await page.keyboard.press('/');
    expect(await page.getByRole('searchbox', { name: 'Find' }).inputValue()).toBe('row 2/');
  });

  test.each(['light', 'dark'] as const)(
    'the page of what was found has no barriers, in %s',
    async (colorScheme) => {
      const page = await lab.visitAs('olga', { colorScheme, javaScriptEnabled: false });
      await page.getByRole('searchbox', { name: 'Find' }).fill('1201');
      await page.keyboard.press('Enter');
      await page.getByRole('link', { name: `3 rows of ${BATCH}` }).waitFor();
      await page.goto('/search?q=row+1&page=2');
      await page.getByText('This page has no parameter page').waitFor();
      const scripted = await lab.visitAs('olga', { colorScheme });
      for (const path of ['/search?q=row+1', '/search', '/search?q=1201&page=2']) {
        await scripted.goto(path);
        expect(await findBarriers(scripted)).toEqual([]);
      }
      await scripted.goto('/search?q=row+1');
      await keepWidths(scripted, `search-${colorScheme}`);
    },
  );
});
