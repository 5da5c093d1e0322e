import { expect, it } from 'vitest';
import { withBatch } from '../../contract/batch-store/examples.ts';
import { opened } from '../store/steering-bench.ts';
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

it('the pages of a row and of its batch, the report and the API show what sessions cost', async () => {
  const lab = await DashboardLab.open();
  await withBatch(lab.bench.store, 3);
  await lab.bench.end(1, { ...opened('session 1'), cost: { units: 0.1, balance: 2 } });
  await lab.bench.end(2, { ...opened('session 2'), cost: { units: 0.2, balance: 0 } });
  await lab.bench.end(3, opened('session 3'));
  const read = async (path: string): Promise<string> => await (await lab.look(path)).text();

  expect(await read(`${ROWS}/1`)).toContain('<dt>Cost</dt><dd>0.1 units, 2 of the balance</dd>');
  expect(await read(`${ROWS}/2`)).toContain('<dt>Cost</dt><dd>0.2 units</dd>');
  expect(await read(`${ROWS}/3`)).not.toContain('Cost');
  expect(await read('/batches/batch-1')).toContain(
    '<dt>Cost</dt><dd>0.3 units, 2 of the balance</dd>',
  );
  expect(JSON.parse(await read('/api/v1/batches/batch-1'))).toMatchObject({
    batch: { cost: { units: 0.3, balance: 2 } },
  });
  const report = await read('/batches/batch-1/report.jsonl');
  const lines = report
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ kling_units: units, kling_balance: money }) => [units, money])).toEqual([
    [0.1, 2],
    [0.2, 0],
    [null, null],
  ]);
});
