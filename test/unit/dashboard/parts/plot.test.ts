import { expect, test } from 'vitest';
import { niceTop, plot } from '../../../../src/dashboard/parts/plot.ts';

const axis = { fromMs: 0, stepMs: 60_000, count: 3, marks: [] };
const draw = async (form: 'bars' | 'lines', values: (number | null)[]): Promise<string> =>
  String(
    await plot(
      {
        id: 'one',
        title: 'Rows',
        form,
        series: [
          { name: 'opened', colour: 'a', values },
          { name: 'failed', colour: 'b', values: [0, 1, 0] },
        ],
        show: String,
        headline: '3 rows',
      },
      axis,
    ),
  );

test.each([
  [0, 2],
  [1.5, 2],
  [3, 4],
  [7, 8],
  [9, 10],
  [11, 20],
  [1_204, 2_000],
])('the axis for %s ends at %s', (value, top) => {
  expect(niceTop(value)).toBe(top);
});

test('each step has its values in words, for pointer and keyboard', async () => {
  const text = await draw('bars', [2, 3, 0]);
  expect(text).toContain('data-words="2 opened|3 opened, 1 failed|"');
  expect(text).toContain('aria-label="Rows: 3 rows"');
  expect(text).toContain('<b>5</b>');
});

test('a line has a gap where there is no value', async () => {
  const text = await draw('lines', [2, null, 4]);
  expect(/class="line a" d="([^"]+)"/.exec(text)?.[1]?.match(/M/g)).toHaveLength(2);
});
