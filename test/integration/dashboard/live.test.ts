import { expect, it } from 'vitest';
import { withBatch } from '../../contract/batch-store/examples.ts';
import { NOW_MS, opened } from '../store/steering-bench.ts';
import { DashboardLab } from './dashboard-lab.ts';

/** The events of an open page: name and data of each, as they come. */
async function* follow(lab: DashboardLab, path: string): AsyncGenerator<[string, string]> {
  const closing = new AbortController();
  const { body } = await fetch(new URL(path, lab.url), { signal: closing.signal });
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const part of body ?? []) {
      text += decoder.decode(part, { stream: true });
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const [, name, data] = /^event: (\w+)\ndata: ?(.*)$/s.exec(event) ?? [];
        if (name !== undefined) yield [name, data ?? ''];
      }
    }
  } finally {
    closing.abort();
  }
}

async function nextParts(events: AsyncGenerator<[string, string]>): Promise<string[]> {
  const { value } = await events.next();
  expect(value?.[0]).toBe('parts');
  return Object.keys(JSON.parse(value?.[1] ?? '{}')).toSorted();
}

it('the stream sends all parts first, then those that change, and all again after a reconnection', async () => {
  // The charts change with each minute.
  const lab = await DashboardLab.open({ now: () => NOW_MS });
  const { bench } = lab;
  await withBatch(bench.store, 3);
  const all = ['about', 'buttons', 'charts', 'counts', 'errors', 'history', 'sessions', 'state'];

  const page = follow(lab, '/live/batches/batch-1');
  expect(await nextParts(page)).toEqual(all);
  await bench.end(1, opened('session 1'));
  const changed = await nextParts(page);
  expect(changed).toContain('counts');
  expect(changed).not.toContain('history');
  await page.return(undefined);

  const again = follow(lab, '/live/batches/batch-1');
  expect(await nextParts(again)).toEqual(all);
  await again.return(undefined);
});
