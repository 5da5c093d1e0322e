import { describe, expect } from 'vitest';
import { test } from '../e2e-test.ts';

const MANIFEST = [
  'sku,video_id,task_id',
  'SKU-1,100000000000000001,200000000000000001',
  'SKU-2,100000000000000002,200000000000000002',
  'SKU-3,,',
].join('\n');

describe.concurrent('find', () => {
  test('says which session a clip has, and whether one is alive', async ({ place }) => {
    await place.redis();
    await place.api();
    await place.write('clips.csv', MANIFEST);
    place.start(['worker']);
    await place.cli(['import', 'clips.csv', '--batch', 'old', '--wait']);
    await place.cli(['import', 'clips.csv', '--batch', 'new', '--key', 'sku', '--wait']);

    const found = await place.cli(['find', 'SKU-2']);
    const line = await place.cli(['find', ' SKU-2 ', '--json']);
    const invalid = await place.cli(['find', 'SKU-3']);
    const none = await place.cli(['find', 'SKU-4']);
    await place.cli(['import', 'clips.csv', '--batch', 'old', '--key', 'sku']);
    const both = await place.cli(['find', 'SKU-2', '--json']);

    expect(found).toMatchObject({ exitCode: 0 });
    expect(found.stdout).toMatch(/^new {2}row 2 {2}succeeded {2}\d+ \(.* left\)\n$/);
    expect(JSON.parse(line.stdout)).toMatchObject({
      sku: 'SKU-2',
      kling_batch: 'new',
      kling_row: 2,
      kling_status: 'succeeded',
    });
    expect(invalid.exitCode).toBe(3);
    expect(invalid.stdout).toMatch(/^new {2}row 3 {2}invalid {2}no session: \w+\n$/);
    expect(none).toMatchObject({
      exitCode: 3,
      stdout: expect.stringContaining('No row has the key'),
    });
    const batches = both.stdout
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text).kling_batch);
    expect(new Set(batches)).toEqual(new Set(['old', 'new']));
  });
});
