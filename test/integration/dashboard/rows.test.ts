import { expect, it } from 'vitest';
import { withBatch } from '../../contract/batch-store/examples.ts';
import { DashboardLab } from './dashboard-lab.ts';

const ROWS = '/batches/batch-1/rows';

/** Each reading of this clock advances it by the longest time of a page. */
function slowClock(): () => number {
  let nowMs = Date.now();
  return () => {
    nowMs += 100;
    return nowMs;
  };
}

it('the page says how far a search got when its time ran out, and links to the rest', async () => {
  const lab = await DashboardLab.open({ now: slowClock() });
  await withBatch(lab.bench.store, 5_000);
  const first = await (await lab.look(`${ROWS}?text=clip+4999`)).text();
  expect(first).toContain('No match among the rows searched so far.');
  expect(first).toContain('Searched rows 1 to 4,000 of 5,000 so far.');
  const [, onward = ''] = /<a href="([^"]+)" rel="next" data-onward="yes">/.exec(first) ?? [];
  const last = await (await lab.look(onward.replaceAll('&amp;', '&'))).text();
  expect(last).toContain('/rows/4999"');
  expect(last).not.toContain('Searched rows');
});
