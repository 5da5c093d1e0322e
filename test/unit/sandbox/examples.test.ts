import { readdir, readFile, stat } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../../src/sandbox/start-sandbox.ts';
import { callSandbox } from './call-sandbox.ts';

const EXAMPLES = new URL('../../../examples/', import.meta.url);
const DEMO_ORIGIN = 'http://127.0.0.1:4280';

type Row = Record<'sku' | 'video_url' | 'video_id' | 'task_id' | 'expected', string>;

const manifest = await readFile(new URL('videos.csv', EXAMPLES), 'utf8');
const rows: Row[] = parse(manifest, { columns: true, relax_column_count: true });
const videos = await readdir(new URL('videos/', EXAMPLES));

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, latencyMs: 0 });
});

afterAll(() => sandbox.close());

/** The request that the API gets for this row, on any port. */
function sourceOf(row: Row) {
  const url = row.video_url.replace(DEMO_ORIGIN, sandbox.url);
  return Object.fromEntries(
    Object.entries({ video_url: url, video_id: row.video_id, task_id: row.task_id }).filter(
      ([, value]) => value !== '',
    ),
  );
}

const rowsThatEnd = (expected: string) => rows.filter((row) => row.expected === expected);

test('every sample video is in the manifest', () => {
  expect(videos.filter((name) => !manifest.includes(`${DEMO_ORIGIN}/videos/${name},`))).toEqual([]);
});

test('the sample videos take less than 3 MB together', async () => {
  const files = await Promise.all(videos.map((name) => stat(new URL(`videos/${name}`, EXAMPLES))));
  expect(files.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(3_000_000);
});

test.each(rowsThatEnd('succeeded'))('$sku, which should succeed, gets a session', async (row) => {
  expect((await callSandbox(sandbox, sourceOf(row))).json.data.session_id).toMatch(/^\d{18}$/);
});

// Only its date shows that a pair is too old, and the API does not get the date.
const refused = [...rowsThatEnd('failed'), ...rowsThatEnd('rejected')].filter(
  (row) => row.sku !== 'KLING-03',
);
test.each(refused)('$sku, which should not succeed, is refused', async (row) => {
  const { status } = await callSandbox(sandbox, sourceOf(row));
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
});

test.each(rowsThatEnd('invalid'))('$sku, which is malformed, is refused as such', async (row) => {
  const answer = await callSandbox(sandbox, sourceOf(row));
  expect(answer.json.error.code).toBe('invalid_request');
});

test.each(rowsThatEnd('unconfirmed'))('$sku never gets an answer', async (row) => {
  await expect(callSandbox(sandbox, sourceOf(row))).rejects.toThrow();
});

test('the ragged row, and only it, has no expectation', () => {
  expect(rows.filter((row) => !row.expected).map((row) => row.sku)).toEqual(['BAD-06']);
});

test('exactly one row repeats another one completely', () => {
  const lines = manifest.trimEnd().split('\n');
  expect(lines.length - new Set(lines).size).toBe(1);
});
