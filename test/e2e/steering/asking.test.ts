import { describe, expect } from 'vitest';
import { findProgram } from '../../../scripts/find-program.mjs';
import type { ApiServer } from '../../setup/api-server.ts';
import { klingManifest, test, type Workplace } from '../e2e-test.ts';

const SIZE = { columns: 100, rows: 24 };
const ROWS = 4;
const REFRESH = ['refresh', 'clips', '--within', '24h'];
const RUN_AGAIN = ['run', 'clips.csv', '--continue', 'clips'];
const QUESTION = 'Continue? [y/N]';

const hasScript =
  process.platform === 'linux' && findProgram(['script'], process.env.PATH) !== undefined;

/** A batch `clips` whose rows all have a live session. */
async function withSessions(place: Workplace): Promise<ApiServer> {
  await place.redis();
  const api = await place.api();
  await place.write('clips.csv', klingManifest(ROWS));
  await place.cli(['run', 'clips.csv', '--batch', 'clips']);
  return api;
}

const stateOf = async (place: Workplace): Promise<string> =>
  JSON.parse((await place.cli(['status', 'clips', '--json'])).stdout).batch.state;

describe.runIf(hasScript)('on a terminal', { concurrent: true }, () => {
  test('anything but yes changes nothing, and Ctrl-C ends import at once', async ({ place }) => {
    await withSessions(place);
    for (const [name, keys] of [
      ['n', 'n\r'],
      ['an empty line', '\r'],
      ['another word', 'why\r'],
      ['the end of the input', '\u0004'],
      ['Ctrl-C', '\u0003'],
    ] as const) {
      const asked = place.start(REFRESH, { terminal: SIZE });
      await asked.waitForText(QUESTION);
      asked.type(keys);
      const { exitCode, stdout } = await asked.result();

      expect(stdout, name).toMatch(
        /4 rows will be tried again.* All of them have a session that lives, the longest for another 23 h \d+ min; 4 more\s+will be opened/s,
      );
      expect(stdout, name).toContain('Nothing was changed.');
      expect(exitCode, name).toBe(130);
    }
    // A refresh would have left it running, as nothing works on it.
    expect(await stateOf(place)).toBe('completed');

    const again = ['import', 'clips.csv', '--continue', 'clips', '--fresh'];
    const asked = place.start(again, { terminal: SIZE });
    await asked.waitForText(QUESTION);
    asked.type('\u0003');
    const { exitCode, stdout } = await asked.result();

    expect(exitCode).toBe(130);
    expect(stdout).toContain('Nothing was changed.');
    const { stdout: list } = await place.cli(['batches', '--json']);
    expect(list.trim().split('\n')).toHaveLength(1);
  });

  test('run --fresh asks before it replaces live sessions', async ({ place }) => {
    const api = await withSessions(place);
    const again = ['run', 'clips.csv', '--fresh'];
    const asked = place.start(again, { terminal: SIZE });
    await asked.waitForText(QUESTION);
    asked.type('n\r');
    expect(await asked.result()).toMatchObject({
      exitCode: 130,
      stdout: expect.stringMatching(/4 rows of clips have a session that lives.*none is\s+kept/s),
    });
    expect(api.calls).toHaveLength(ROWS);

    const done = await place.start([...again, '--yes'], { terminal: SIZE }).result();
    expect(done.stdout).not.toContain('[y/N]');
    expect(api.calls).toHaveLength(2 * ROWS);
  });

  test('run asks when all rows changed, so that no live session is kept', async ({ place }) => {
    const api = await withSessions(place);
    await place.write('clips.csv', klingManifest(ROWS).replaceAll('row ', 'clip '));
    const dry = await place.cli(['import', 'clips.csv', '--continue', 'clips', '--dry-run']);
    const asked = place.start(RUN_AGAIN, { terminal: SIZE });
    await asked.waitForText(QUESTION);
    asked.type('n\r');
    const refused = await asked.result();

    const sentence =
      /4 rows of clips have a session that lives.*; none is kept, and 4 calls are\s+made\./s;
    expect(dry.stdout).toMatch(sentence);
    expect(refused).toMatchObject({
      exitCode: 130,
      stdout: expect.stringMatching(sentence),
    });
    expect(refused.stdout).toContain('Nothing was changed.');
    expect((await place.cli(['batches', '--json'])).stdout.trim().split('\n')).toHaveLength(1);
    expect(api.calls).toHaveLength(ROWS);

    const done = await place.start([...RUN_AGAIN, '--yes'], { terminal: SIZE }).result();
    expect(done.stdout).not.toContain('[y/N]');
    expect(api.calls).toHaveLength(2 * ROWS);
  });

  test('a no to the calls of a changed table says which batch has ended', async ({ place }) => {
    await place.redis();
    await place.api();
    await place.write('clips.csv', klingManifest(ROWS));
    await place.cli(['run', 'clips.csv', '--batch', 'clips', '--max-sessions', '2']);
    await place.write('clips.csv', klingManifest(ROWS).replaceAll('row ', 'clip '));
    const again = ['import', 'clips.csv', '--continue', 'clips'];
    const asked = place.start(again, { terminal: SIZE });
    await asked.waitForText(QUESTION);
    asked.type('n\r');

    expect((await asked.result()).stdout.replaceAll(/\s+/g, ' ')).toContain(
      'No new batch was created. clips has ended; `kling-sessions retry clips --status cancelled` resumes it.',
    );
  });

  test('run logs nothing on a terminal where its sentences say the same, or on request as text', async ({
    place,
  }) => {
    await place.redis();
    await place.api({ fail: () => ({ status: 400, code: 1201, message: 'bad clip' }) });
    await place.write('clips.csv', klingManifest(ROWS));
    const failing = ['run', 'clips.csv', '--max-failures', '1', '--exit-when-blocked'];
    const slow = { terminal: SIZE, env: { API_CONCURRENCY: '1' } };
    const said = await place.start(failing, slow).result();
    const more = ['--batch', 'logged', '--log-level', 'error'];
    const logged = await place.start([...failing, ...more], slow).result();

    expect(said.stdout).toContain('Paused: too many rows failed');
    expect(said.stdout).not.toContain('batch paused itself');
    expect(logged.stdout).toContain('batch paused itself');
    expect(said.stdout + logged.stdout).not.toMatch(/\{"level"/);
  });

  test('a narrow terminal shows the whole reason why nothing moves', async ({ place }) => {
    await place.redis();
    await place.api();
    await place.write('clips.csv', klingManifest(ROWS));
    const limited = ['run', 'clips.csv', '--max-sessions', '1', '--no-exit-when-blocked'];
    const waiting = place.start(limited, { terminal: { columns: 60, rows: 24 } });
    await waiting.waitForText('continue.');
    waiting.type('\u0003');
    const { stdout } = await waiting.result();
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'or the same import with a larger --max-sessions, lets the batch continue.',
    );
  });

  test('y does it, and --yes does it without a question', async ({ place }) => {
    await withSessions(place);
    const asked = place.start(REFRESH, { terminal: SIZE });
    await asked.waitForText(QUESTION);
    asked.type('y\r');
    const answered = await asked.result();
    expect(answered).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('Reopening 4 sessions of clips.'),
    });
    expect(await stateOf(place)).toBe('running');

    const cancelled = await place.start(['cancel', 'clips', '--yes'], { terminal: SIZE }).result();
    expect(cancelled.stdout).not.toContain('[y/N]');
    expect(cancelled.stdout).toContain('clips is cancelled.');
  });

  test('a hundred rows end without a question, one more does not', async ({ place }) => {
    await place.redis();
    for (const rows of [100, 101]) {
      await place.write('clips.csv', klingManifest(rows));
      await place.cli(['import', 'clips.csv', '--batch', `clips-${rows}`]);
    }
    const few = await place.start(['cancel', 'clips-100'], { terminal: SIZE }).result();
    const many = place.start(['cancel', 'clips-101'], { terminal: SIZE });
    await many.waitForText(QUESTION);
    many.type('y\r');

    expect(few.stdout).not.toContain('[y/N]');
    expect((await many.result()).stdout).toContain('101 rows will not be tried.');
  });
});

test('without a terminal nothing is asked, and --dry-run only counts', async ({ place }) => {
  const api = await withSessions(place);

  const dry = await place.cli([...REFRESH, '--dry-run', '--json']);
  const still = await stateOf(place);
  const done = await place.cli([...REFRESH]);

  expect(JSON.parse(dry.stdout)).toMatchObject({ batchId: 'clips', rows: 4, live: 4, unclear: 0 });
  expect(still).toBe('completed');
  expect(done).toMatchObject({ exitCode: 0, stdout: 'Reopening 4 sessions of clips.\n' });
  expect(api.calls).toHaveLength(ROWS);
});

test('an unconfirmed row says how many more sessions may be opened, before and after', async ({
  place,
}) => {
  await place.redis();
  await place.api({ fail: () => ({ status: 200, code: 0, message: 'no data' }) });
  await place.write('clips.csv', klingManifest(2));
  await place.cli(['run', 'clips.csv', '--batch', 'clips'], { env: { MAX_UNCONFIRMED: '1' } });

  const dry = await place.cli(['retry', 'clips', '--rows', '2', '--dry-run']);
  const done = await place.cli(['retry', 'clips', '--status', 'unconfirmed']);
  const none = await place.cli(['retry', 'clips', '--rows', '3']);

  expect(dry.stdout).toMatch(/^1 row will be tried again.*up to 1 more may be opened/);
  expect(done.stdout).toMatch(
    /^2 rows of clips queued for retry\. Up to 2 more sessions may be opened/,
  );
  expect(none).toMatchObject({
    exitCode: 2,
    stderr: 'There is no row 3 in batch clips; it has 2 rows.\n',
  });
});
