import { expect, it } from 'vitest';
import { openManifest } from '../../../src/producer/manifest/open-manifest.ts';
import type { RowPick } from '../../../src/producer/pick-rows.ts';
import { type Plan, type PlanFinding, planImport } from '../../../src/producer/plan-import.ts';
import { RowSet } from '../../../src/producer/row-set.ts';
import { signal, temporaryFile } from './manifest/manifest-fixture.ts';

const NOW_MS = Date.UTC(2026, 4, 31, 12);
const DAY_MS = 86_400_000;

const isoTime = (ms: number): string => new Date(ms).toISOString();
const signedFor = (seconds: number): string =>
  `https://a.example/${seconds}.mp4?X-Amz-Date=20260531T120000Z&X-Amz-Expires=${seconds}`;

/** The plan for these lines at one row per second, and all its findings as `line kind code`. */
async function plan(
  lines: string[],
  pick: RowPick = {},
): Promise<Plan & { all: string[]; findings: PlanFinding[] }> {
  await using file = await temporaryFile(lines.join('\n'));
  await using manifest = await openManifest(file.path, { signal });
  const findings: PlanFinding[] = [];
  const found = await planImport(
    {
      ...pick,
      now: () => NOW_MS,
      pace: { rowsPerSecond: 1, priority: 10, others: [] },
      onFindings: async (some) => void findings.push(...some),
      signal,
    },
    manifest,
  );
  const all = findings.map(({ line, kind, code }) => `${line} ${kind} ${code}`);
  return { ...found, all, findings };
}

const URLS = 'video_url,video_id,task_id,video_created_at';
const ids = (created: string): string => `,784912345678901234,784912345678901235,${created}`;

it('a plan counts every row once', async () => {
  const { rows, counts } = await plan([
    URLS,
    'https://a.example/1.mp4,,,',
    'https://a.example/1.mp4,,,',
    ids(''),
    'nonsense,,,',
    '-,,,',
  ]);
  expect({ rows, ...counts }).toEqual({ rows: 5, url: 1, kling: 1, invalid: 2, duplicate: 1 });
});

it.each([
  ['a malformed row', 'nonsense,,,', 'invalid not_http_url'],
  ['a ragged row', 'https://a.example/2.mp4,,,,', 'invalid ragged_line'],
  [
    'an address that has expired',
    `${signedFor(0).replace('0531T12', '0530T12')},,,`,
    'expired url_expired',
  ],
  ['a video that is too old', ids(isoTime(NOW_MS - 31 * DAY_MS)), 'expired kling_too_old'],
  [
    'a video that will be too old',
    ids(isoTime(NOW_MS - 30 * DAY_MS + 1_500)),
    'expires_early kling_ages_out',
  ],
  ['an address that will have expired', `${signedFor(1)},,,`, 'expires_early url_expires_early'],
  ['a repeated row', 'https://a.example/8.mp4,,,', 'duplicate duplicate'],
  [
    'a row that repeats another but for its signature',
    'https://a.example/8.mp4?Expires=9999999999&Signature=s,,,',
    'duplicate duplicate',
  ],
])('a plan finds %s', async (_name, line, expected) => {
  const { all } = await plan([URLS, 'https://a.example/8.mp4,,,', line]);
  expect(all).toEqual([`3 ${expected}`]);
});

it('a plan accepts an address that lives until its turn', async () => {
  const { all } = await plan([URLS, 'https://a.example/1.mp4,,,', `${signedFor(3)},,,`]);
  expect(all).toEqual([]);
});

it("a plan leaves rows that need no work out of a turn's estimate", async () => {
  const { all } = await plan([URLS, 'nonsense,,,', 'nonsense,,,', `${signedFor(2)},,,`]);
  expect(all).toEqual(['2 invalid not_http_url', '3 invalid not_http_url']);
});

it('a plan estimates the time from the rows that need work', async () => {
  const { durationMs } = await plan([URLS, 'https://a.example/1.mp4,,,', 'nonsense,,,', ids('')]);
  expect(durationMs).toBe(2_000);
});

it('a plan keeps the first 20 problems and passes all of them on', async () => {
  const { problems, all } = await plan([
    URLS,
    ...Array.from({ length: 30 }, (_, n) => `bad${n},,,`),
  ]);
  expect([problems.length, problems.at(-1)?.line, all.length]).toEqual([20, 21, 30]);
});

it('a plan names the earlier line of a repeated row', async () => {
  const { duplicates } = await plan([
    URLS,
    'bad,,,',
    'https://a.example/1.mp4,,,',
    'https://a.example/1.mp4,,,',
  ]);
  expect(duplicates.map(({ message }) => message)).toEqual([
    'Line 4 repeats line 3 in every cell.',
  ]);
});

it('a plan shows no signature', async () => {
  const { findings } = await plan([URLS, 'https://a.example/1.mp4,,,', `${signedFor(1)},,,`]);
  expect(JSON.stringify(findings)).not.toContain('X-Amz');
});

it('a plan reads only the first rows, if a number is given', async () => {
  const { rows } = await plan([URLS, ids(''), 'nonsense,,,'], { limit: 1 });
  expect(rows).toBe(1);
});

it('a plan reads only picked rows, numbered from 1, under their own lines', async () => {
  const picked = new RowSet();
  picked.add(2);
  const { findings } = await plan([URLS, 'nonsense,,,', 'rubbish,,,'], { picked });
  expect(findings.map(({ row, line }) => ({ row, line }))).toEqual([{ row: 1, line: 3 }]);
});
