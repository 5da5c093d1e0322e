import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { ApiCall } from '../../setup/api-server.ts';
import { test } from '../e2e-test.ts';

const SHIFT_CLOCK = fileURLToPath(new URL('../../chaos/shift-clock.mjs', import.meta.url));
const HOUR_MS = 3_600_000;
const COLUMNS = ['sku', 'video_url', 'note'] as const;

type Column = (typeof COLUMNS)[number];
type Signature = (night: number) => string;

/** Two signers of the same clips. */
const cdn: Signature = (night) => `Expires=9999999999&Signature=night${night}&Key-Pair-Id=K1`;
const store: Signature = (night) =>
  `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20991231%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20991231T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=${'ab'.repeat(31)}${night}0`;

const clipOf = ({ body }: ApiCall): string =>
  new URL(String(body.video_url)).searchParams.get('n') ?? '';

test.concurrent.for([
  { name: 'by all cells', flags: [] },
  { name: 'by a key', flags: ['--key', 'sku'] },
])(
  'makes the calls that a person would count on other nights, too, $name',
  async ({ flags }, { place }) => {
    const videos = await place.videos();
    const refused = new Set(['b', 'd', 'f']);
    const api = await place.api({
      fail: (call) =>
        refused.has(clipOf(call)) ? { status: 400, code: 1201, message: 'bad clip' } : null,
    });
    const night = async (
      hours: number,
      clips: readonly string[],
      columns: readonly Column[],
      sign: Signature,
      more: readonly string[] = [],
    ) => {
      const cell = (clip: string, column: Column): string =>
        ({
          sku: `SKU-${clip}`,
          video_url: videos.urlOf('good.mp4', `n=${clip}&${sign(hours)}`),
          note: `note of ${clip}`,
        })[column];
      const lines = clips.map((clip) => columns.map((column) => cell(clip, column)).join(','));
      await place.write('clips.csv', [columns.join(','), ...lines, ...more, ''].join('\n'));
      const called = api.calls.length;
      const { stderr } = await place.cli(['run', 'clips.csv', ...flags], {
        env: {
          API_CONCURRENCY: '4',
          NODE_OPTIONS: `--import ${SHIFT_CLOCK}`,
          CHAOS_CLOCK_SHIFT_MS: String(hours * HOUR_MS),
        },
      });
      const calls = api.calls.slice(called).map(clipOf).sort();
      const report = await place.report('clips.results.csv');
      return { calls, stderr, statuses: report.map(({ kling_status: status }) => status) };
    };
    const clips = ['a', 'b', 'c', 'd', 'e', 'f'];

    // Half of the rows fail, and are the only ones called on the next night, when the sheet is sorted differently.
    expect((await night(0, clips, COLUMNS, cdn)).calls).toEqual(clips);
    refused.clear();
    const sorted = await night(2, clips.toReversed(), COLUMNS, cdn);
    expect(sorted.calls, sorted.stderr).toEqual(['b', 'd', 'f']);

    // The key's column moves.
    const moved = await night(4, clips, ['note', 'video_url', 'sku'], cdn);
    expect(moved.calls, moved.stderr).toEqual([]);
    expect(moved.statuses).toEqual(Array(6).fill('reused'));

    // Another signer, and a row is there twice.
    const doubled = await night(6, [...clips, 'c'], COLUMNS, store);
    expect(doubled.calls, doubled.stderr).toEqual([]);
    expect(doubled.statuses).toEqual([...Array(6).fill('reused'), 'duplicate']);

    // Two rows with one key: the second one is a row of its own.
    const video = videos.urlOf('good.mp4', `n=c&${cdn(8)}`);
    const twice = await night(8, clips, COLUMNS, cdn, [`SKU-c,${video},another note`]);
    expect(twice.calls, twice.stderr).toEqual(['c']);
    const hasKey = flags.length > 0;
    expect(twice.stderr.includes('line 8 repeats "SKU-c"')).toBe(hasKey);

    // A day without a run: every session is over.
    const late = await night(50, clips, COLUMNS, cdn);
    expect(late.calls, late.stderr).toEqual(clips);
    expect(late.stderr).toContain('6 had an expired session');
  },
);
