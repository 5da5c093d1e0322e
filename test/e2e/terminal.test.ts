import { describe, expect, vi } from 'vitest';
import { findProgram } from '../../scripts/find-program.mjs';
import type { ApiCall, ApiError, ApiServer } from '../setup/api-server.ts';
import type { CliProcess } from '../setup/cli-process.ts';
import { Screen } from '../setup/screen.ts';
import { klingManifest, test, type Workplace } from './e2e-test.ts';

const SIZE = { columns: 90, rows: 24 };
const CTRL_C = '\u0003';
const ROWS = 20;
const LIVE_BAR = /[█░]{10} \d+ % · /u;

/** `script` makes the pseudo-terminals; that of macOS wants a terminal itself. */
const hasScript =
  process.platform === 'linux' && findProgram(['script'], process.env.PATH) !== undefined;

function screenOf(program: CliProcess): string {
  const screen = new Screen();
  screen.write(program.stdoutSoFar());
  return screen.text;
}

/** Waits until the screen shows this. */
async function untilSeen(program: CliProcess, what: RegExp): Promise<string> {
  return await vi.waitFor(
    () => {
      const seen = screenOf(program);
      if (!what.test(seen)) throw new Error(`the screen does not show ${what}:\n${seen}`);
      return seen;
    },
    { timeout: 25_000, interval: 30 },
  );
}

/** A worker, and a slow API that refuses every tenth call in Chinese. */
async function withSlowApi(place: Workplace): Promise<ApiServer> {
  await place.redis();
  const refused = { status: 400, code: 1301, message: '内容违反了平台的安全政策'.repeat(6) };
  const fail = (_call: ApiCall, nth: number): ApiError | null => (nth % 10 === 1 ? refused : null);
  const api = await place.api({ delayMs: 400, fail });
  await place.write('clips.csv', klingManifest(ROWS));
  place.start(['worker', '--api-concurrency', '2']);
  return api;
}

/** A Chinese character takes two columns. */
const columnsOf = (line: string): number =>
  [...line].reduce((sum, sign) => sum + (/\p{Script=Han}/u.test(sign) ? 2 : 1), 0);

const numbersOf = (line: string): number[] => (line.match(/\d+(?= [a-z])/g) ?? []).map(Number);

describe.runIf(hasScript)('on a terminal', () => {
  test('import --wait shows counts that always add up, and Ctrl-C leaves the batch running', async ({
    place,
  }) => {
    const api = await withSlowApi(place);
    const wait = ['import', 'clips.csv', '--batch', 'clips', '--wait'];

    const first = place.start(wait, { terminal: SIZE });
    const seen = await untilSeen(first, / 1301 .*…/);
    first.type(CTRL_C);
    const left = await first.result();

    expect(seen).toMatch(LIVE_BAR);
    expect(seen).toContain('2 calls at once');
    const frames = left.stdout.split(LIVE_BAR).slice(1);
    const sums = frames.map((frame) => numbersOf(frame.split('\n')[1] ?? ''));
    expect(new Set(sums.map((counts) => counts.reduce((sum, count) => sum + count, 0)))).toEqual(
      new Set([ROWS]),
    );
    expect(Math.max(...seen.split('\n').map(columnsOf))).toBeLessThan(SIZE.columns);
    // Nothing of the live lines is left.
    expect(screenOf(first)).not.toMatch(/[█░]|1301/);
    expect(left.exitCode).toBe(130);
    expect(screenOf(first)).toContain('kling-sessions status clips --watch');

    api.delayMs = 0;
    const second = place.start(['status', 'clips', '--watch'], { terminal: SIZE });
    const end = await second.result();
    expect(end.exitCode).toBe(0);
    expect(screenOf(second)).toMatch(/^clips {2}completed\n/);
    expect(screenOf(second)).toMatch(/ 18 {2}succeeded.*\n.* 2 {2}failed/);
  });

  test('status --watch says why nothing moves as soon as it happens, and continues with the batch', async ({
    place,
  }) => {
    const api = await withSlowApi(place);
    // Slow enough not to end before it is paused.
    api.delayMs = 2_500;
    await place.cli(['import', 'clips.csv', '--batch', 'clips']);
    const watch = place.start(['status', 'clips', '--watch'], { terminal: SIZE });
    await untilSeen(watch, LIVE_BAR);

    await place.cli(['pause', 'clips', '--reason', 'lunch']);
    const paused = await untilSeen(watch, /Paused: lunch/);
    api.delayMs = 0;
    await place.cli(['resume', 'clips']);
    await untilSeen(watch, /completed\n/);

    expect(paused).toContain('`kling-sessions resume clips` continues it.');
    expect((await watch.result()).exitCode).toBe(0);
    expect(screenOf(watch)).not.toContain('Paused');
  });

  test('colours go to the terminal only, and not with NO_COLOR', async ({ place }) => {
    await place.redis();
    await place.api();
    await place.write('clips.csv', klingManifest(2));
    await place.cli(['import', 'clips.csv', '--batch', 'clips']);

    const coloured = place.start(['status', 'clips'], { terminal: SIZE });
    const env = { NO_COLOR: '1' };
    const plain = place.start(['status', 'clips'], { terminal: SIZE, env });
    const piped = place.start(['status', 'clips']);

    expect((await coloured.result()).stdout).toContain('\u001b[1mclips\u001b[0m');
    expect((await plain.result()).stdout).not.toContain('\u001b');
    expect((await piped.result()).stdout).not.toContain('\u001b');
    expect((await piped.result()).stdout.replaceAll('\n', '\r\n')).toBe(
      (await plain.result()).stdout,
    );
  });

  test('a workbook is not printed to it', async ({ place }) => {
    await place.redis();
    const poured = place.start(['results', 'clips', '--format', 'xlsx'], { terminal: SIZE });
    expect((await poured.result()).exitCode).toBe(2);
    expect(screenOf(poured)).toContain('--out');
  });
});
