import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { DashboardLab, findBarriers, keepWidths } from './dashboard-lab.ts';

const BATCH = 'clips';

let lab: DashboardLab;

/** Rows, rows with a session and calls of the whole table: a batch may begin in one step and end in the next. */
async function sumLines(page: Page): Promise<number[]> {
  const lines = await page.locator('#values tbody tr').allInnerTexts();
  const numbers = lines.map((line) => line.split('\t').slice(1, 4).map(Number));
  return [0, 1, 2].map((column) => numbers.reduce((sum, line) => sum + (line[column] ?? 0), 0));
}

describe.skipIf(inject('chromiumPath') === null)('charts of the dashboard', () => {
  beforeAll(async () => {
    lab = await DashboardLab.openWithBatch(BATCH);
    const page = await lab.visitAs('olga');
    await page.goto(`/batches/${BATCH}`);
    // Workers store what they did every 5 s, which may be in the middle of the batch.
    await page.locator('#plot-rows[aria-label$=": 30 rows"]').waitFor();
  }, 120_000);
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
  });

  test('the charts say the values of a step by keyboard and on hover, in the zone of the reader', async () => {
    const page = await lab.visitAs('victor', { timezoneId: 'Asia/Kathmandu' });
    await page.goto(`/batches/${BATCH}`);
    const chart = page.locator('#plot-rows');
    await chart.focus();
    const readout = page.locator('[data-readout="plot-rows"]');
    const words = ((await chart.getAttribute('data-words')) ?? '').split('|');
    const busy = words.findLastIndex((one) => one !== '');
    await page.keyboard.press('End');
    for (let step = words.length - 1; step > busy; step -= 1)
      await page.keyboard.press('ArrowLeft');
    const from = Number(await chart.getAttribute('data-from'));
    const at = new Date(from + busy * 60_000 + (5 * 60 + 45) * 60_000);
    expect(await readout.innerText()).toContain(at.toISOString().slice(11, 16));
    expect(await readout.innerText()).toContain('succeeded');
    await page.locator('#plot-calls').hover({ position: { x: 2, y: 50 } });
    expect(await page.locator('[data-readout="plot-calls"]').innerText()).toMatch(/: nothing$/);
  });

  test('the charts are read without JavaScript, with a table, for three periods, of a batch and of all', async () => {
    const page = await lab.visitAs('victor', { javaScriptEnabled: false });
    for (const place of ['/', `/batches/${BATCH}`]) {
      for (const [words, steps] of [
        ['1 h', 60],
        ['24 h', 144],
        ['7 d', 168],
      ] as const) {
        await page.goto(place);
        await page.getByRole('link', { name: words, exact: true }).click();
        const drawn = (await page.locator('#plot-rows').getAttribute('data-words')) ?? '';
        expect([place, words, drawn.split('|').length]).toEqual([place, words, steps]);
        expect(drawn).toMatch(/\d+ succeeded, \d+ failed/);
        await page.locator('#values summary').click();
        expect(await sumLines(page)).toEqual([30, 27, 30]);
      }
    }
    expect(await page.locator('#values').innerText()).toMatch(/worker \S+ started on/);
  });

  test.each(['light', 'dark'] as const)(
    'the charts have no barriers, in %s',
    async (colorScheme) => {
      const page = await lab.visitAs('olga', { colorScheme });
      for (const [name, place] of [
        ['overview', '/'],
        ['batch', `/batches/${BATCH}?span=24h`],
      ] as const) {
        await page.goto(place);
        await page.locator('#values summary').click();
        expect(await findBarriers(page)).toEqual([]);
        await keepWidths(page, `charts-${name}-${colorScheme}`);
      }
    },
  );
});
