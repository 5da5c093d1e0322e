import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { describe, expect } from 'vitest';
import type { ApiCall } from '../../setup/api-server.ts';
import { klingManifest, test, type Workplace } from '../e2e-test.ts';

const SHIFT_CLOCK = fileURLToPath(new URL('../../chaos/shift-clock.mjs', import.meta.url));
const HOUR_MS = 3_600_000;
const SESSION_HOURS = 24;
const SPEED = { API_CONCURRENCY: '4', PROBE_CONCURRENCY: '4' };

/** The command as it is given so many hours after the first one. */
const after = (hours: number): { env: Record<string, string> } => ({
  env: {
    ...SPEED,
    NODE_OPTIONS: `--import ${SHIFT_CLOCK}`,
    CHAOS_CLOCK_SHIFT_MS: String(hours * HOUR_MS),
  },
});

/** A row as a person has it on paper. */
interface PaperRow {
  sku: string;
  clip: string;
  note: string;
}

/**
 * The calls that a person would count by hand, night by night: one for each row without a live session. Sessions end
 * by the clock of Redis, which stands still while the commands' clock moves on, so all end a day after the first
 * night.
 */
class Pencil {
  readonly #until = new Map<string, number>();

  /** The clips to be called, in any order; those that the API refuses get no session. */
  night(hours: number, rows: readonly PaperRow[], refused: ReadonlySet<string>): string[] {
    const due = rows.filter((row) => (this.#until.get(JSON.stringify(row)) ?? -1) < hours);
    for (const row of due) {
      if (!refused.has(row.clip)) this.#until.set(JSON.stringify(row), SESSION_HOURS);
    }
    return due.map(({ clip }) => clip).sort();
  }
}

const rowsOf = (...clips: string[]): PaperRow[] =>
  clips.map((clip) => ({ sku: `SKU-${clip}`, clip, note: `note of ${clip}` }));

const clipOf = ({ body }: ApiCall): string =>
  new URL(String(body.video_url)).searchParams.get('n') ?? '';

describe.concurrent('run, when its file has changed', () => {
  test('makes exactly the calls in a week of nights that a person would count by hand', async ({
    place,
  }) => {
    const videos = await place.videos();
    const refused = new Set(['bad']);
    const api = await place.api({
      fail: (call) =>
        refused.has(clipOf(call)) ? { status: 400, code: 1201, message: 'bad clip' } : null,
    });
    const pencil = new Pencil();
    const signed = (clip: string, night: number): string =>
      videos.urlOf('good.mp4', `n=${clip}&Expires=9999999999&Signature=night${night}`);
    const csv = (rows: readonly PaperRow[], night: number): string =>
      [
        'sku,video_url,note',
        ...rows.map((row) => `${row.sku},${signed(row.clip, night)},${row.note}`),
        '',
      ].join('\n');
    const bySpreadsheet = (rows: readonly PaperRow[], night: number): string =>
      `\uFEFF${['note;sku;video_url', ...rows.map((row) => `${row.note};${row.sku};"${signed(row.clip, night)}"`), ''].join('\r\n')}`;
    const run = async (night: number, hours: number, rows: readonly PaperRow[]) => {
      const before = api.calls.length;
      const { stderr } = await place.cli(['run', 'clips.csv'], after(hours));
      const called = api.calls.slice(before).map(clipOf).sort();
      expect(called, `night ${night}: ${stderr}`).toEqual(pencil.night(hours, rows, refused));
      const text = await place.read('clips.results.csv');
      const delimiter = text.includes('sku;') ? ';' : ',';
      const report: Record<string, string>[] = parse(text, { columns: true, bom: true, delimiter });
      expect(report.map(({ sku }) => sku).sort()).toEqual(rows.map(({ sku }) => sku).sort());
      return { stderr, report };
    };

    const first = rowsOf('a', 'b', 'c', 'd');
    await place.write('clips.csv', csv(first, 1));
    await run(1, 0, first);

    const added = [...first, ...rowsOf('e')];
    await place.write('clips.csv', bySpreadsheet(added, 2));
    const second = await run(2, 4, added);
    expect(second.stderr).toContain(
      '4 rows are unchanged and keep their sessions, 1 is new: 1 call.',
    );

    const mended = added.filter(({ clip }) => clip !== 'b');
    mended[1] = { sku: 'SKU-c', clip: 'c2', note: 'note of c' };
    await place.write('clips.csv', csv(mended, 3));
    const third = await run(3, 8, mended);
    expect(third.stderr).toContain('1 was removed');

    const handedBack = (await place.read('clips.results.csv')).replaceAll('\n', '\r\n');
    await place.write('clips.csv', `\uFEFF${handedBack}`);
    const fourth = await run(4, 12, mended);
    expect(fourth.stderr).toContain('4 rows are unchanged and keep their sessions: 0 calls.');
    expect(fourth.report.map(({ kling_status: status }) => status)).toEqual(
      Array(4).fill('reused'),
    );

    const withBad = [...mended, ...rowsOf('bad')];
    await place.write('clips.csv', bySpreadsheet(withBad, 5));
    await run(5, 16, withBad);

    await place.write('clips.csv', csv(withBad, 6));
    const sixth = await run(6, 20, withBad);
    expect(sixth.stderr).toContain('1 had no session: 1 call.');

    await place.write('clips.csv', csv(mended, 7));
    const seventh = await run(7, 25, mended);
    expect(seventh.stderr).toContain('4 had an expired session');
  });

  test('opens sessions for every row again with --fresh, and does not repeat that', async ({
    place,
  }) => {
    const api = await place.api();
    await place.write('clips.csv', klingManifest(3));
    await place.cli(['run', 'clips.csv'], { env: SPEED });
    const fresh = await place.cli(['run', 'clips.csv', '--fresh'], { env: SPEED });
    expect(fresh.stderr).toContain('get new sessions; no session of');
    expect(api.calls).toHaveLength(6);
    const again = await place.cli(['run', 'clips.csv'], { env: SPEED });
    expect(again.stderr).toContain('has already finished');
    expect(api.calls).toHaveLength(6);
  });

  test('ends the rest of the batch before, and calls no row for both', async ({ place }) => {
    const api = await place.api({ delayMs: 100 });
    await place.write('clips.csv', klingManifest(12));
    const first = place.start(['run', 'clips.csv'], { env: SPEED });
    await api.waitForCalls(4);
    first.kill('SIGINT');
    await first.result();
    await place.write('clips.csv', klingManifest(13));
    const { exitCode } = await place.cli(['run', 'clips.csv'], { env: SPEED });
    expect(exitCode).toBe(0);
    expect(api.calls).toHaveLength(13);
    expect(new Set(api.callsBySource().values())).toEqual(new Set([1]));
  });

  test('finds rows by a key, and keeps the session of another video in the history', async ({
    place,
  }) => {
    const api = await place.api();
    const redis = await place.redis();
    const table = (...lines: string[]) => ['sku,title,video_id,task_id', ...lines, ''].join('\n');
    await place.write('clips.csv', table('A,old,11,21', 'B,old,12,22'));
    await place.cli(['run', 'clips.csv', '--key', 'sku'], { env: SPEED });
    await place.write('clips.csv', table('A,new,11,21', 'B,new,13,23', 'B,two,14,24', ',no,15,25'));
    const { stderr } = await place.cli(['run', 'clips.csv', '--key', 'sku'], { env: SPEED });
    expect(stderr).toContain('1 row is unchanged and keeps its session, 1 changed, 2 are new');
    expect(stderr).toContain('(1 empty, 1 repeated: line 4 repeats "B"; line 5 has none)');
    const once = ['11', '12', '13', '14', '15'].map((id) => [id, 1] as const);
    expect(api.callsBySource()).toEqual(new Map(once));
    const batch = /Batch (\S+):/.exec(stderr)?.[1] ?? '';
    const row = await place.cli(['row', batch, '2'], { env: { REDIS_URL: redis.url } });
    expect(row.stdout).toContain('Before that:');
    const missing = await place.cli(['run', 'clips.csv', '--key', 'id'], { env: SPEED });
    expect(missing).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('no column "id"'),
    });
  });
});

describe.concurrent('import --continue', () => {
  test('continues a batch by its id or its name, and refuses one that does not exist', async ({
    place,
  }) => {
    await place.api();
    await place.redis();
    const run = async (name: string, ...flags: string[]) =>
      await place.cli(['import', name, ...flags], { env: SPEED });
    await place.write('clips.csv', klingManifest(3));
    const first = await run('clips.csv', '--continue', 'clips');
    expect(first.exitCode).toBe(0);
    await place.write('clips.csv', klingManifest(4));
    const next = await run('clips.csv', '--continue', 'clips');
    expect(next.stderr).toContain(`clips.csv has changed since ${first.stdout.trim()}`);
    expect((await run('clips.csv', '--continue', 'clips')).stdout).toBe(next.stdout);
    await place.write('other.csv', klingManifest(5));
    expect(await run('other.csv', '--continue', 'nothing')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('There is no batch nothing'),
    });
    await expectState(place, first.stdout.trim(), 'cancelled');
  });
});

async function expectState(place: Workplace, batchId: string, state: string): Promise<void> {
  const { stdout } = await place.cli(['status', batchId, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ batch: { state } });
}
