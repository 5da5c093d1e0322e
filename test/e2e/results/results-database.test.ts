import { describe, expect } from 'vitest';
import { hasPostgres } from '../../../scripts/install/postgres.mjs';
import { PrivatePostgres } from '../../setup/postgres/private-postgres.ts';
import { klingManifest, test, type Workplace } from '../e2e-test.ts';

/** A database that has its tables, for every command of this workplace. */
async function openDatabase(place: Workplace): Promise<PrivatePostgres> {
  const postgres = place.closeAtEnd(await PrivatePostgres.start());
  place.env.RESULTS_DATABASE_URL = postgres.url();
  const { stdout } = await place.cli(['database', 'migrate']);
  expect(stdout).toBe('Applied 0001-results.\n');
  return postgres;
}

const SESSIONS =
  "SELECT cells->>'name' AS name, session_id FROM kling_sessions.results ORDER BY row_number";

describe
  .skipIf(!process.env.CI && !hasPostgres(process.env.PATH))
  .concurrent('a results database', () => {
    test('has what `run` writes into the report', async ({ place }) => {
      await place.api();
      const postgres = await openDatabase(place);
      await place.write('clips.csv', `${klingManifest(20)}bad,,\n`);

      const run = await place.cli(['run', 'clips.csv', '--batch', 'clips']);

      expect(run.exitCode).toBe(3);
      const report = await place.report('clips.results.csv');
      const expected = report.map(({ name, kling_session_id: id }) => ({
        name,
        session_id: id || null,
      }));
      expect(await postgres.query(SESSIONS)).toEqual(expected);
      expect(expected.filter(({ session_id }) => session_id !== null)).toHaveLength(20);
    });

    test('agrees with the batch after workers and the server were killed', async ({ place }) => {
      await place.redis(['--appendonly', 'yes']);
      const api = await place.api({ delayMs: 50 });
      const postgres = await openDatabase(place);
      await place.write('clips.csv', klingManifest(600));
      await place.cli(['import', 'clips.csv', '--batch', 'clips']);
      const first = place.start(['worker', '--api-concurrency', '4']);
      await api.waitForCalls(30);
      await postgres.kill('SIGKILL');
      await first.waitForText('results database lost');
      const status = await place.cli(['status', 'clips', '--json']);
      const asked = await place.cli(['database', 'status']);
      await postgres.restart();
      await first.waitForText('results database is back');
      first.kill('SIGKILL');
      place.start(['worker', '--api-concurrency', '20']);
      await place.cli(['status', 'clips', '--watch']);

      const filled = await place.cli(['database', 'backfill']);
      const verified = await place.cli(['database', 'verify', 'clips']);

      expect(JSON.parse(status.stdout).database.trouble).toContain('cannot be reached');
      expect(asked).toMatchObject({
        exitCode: 75,
        stdout: expect.stringMatching(/ is \d+ changes? behind since /),
        stderr: expect.stringContaining('cannot be reached'),
      });
      expect(filled.exitCode).toBe(0);
      expect(verified.stdout).toBe('600 rows compared; the database has the same.\n');
      expect(await postgres.query('SELECT count(*)::int FROM kling_sessions.results')).toEqual([
        { count: 600 },
      ]);
    });

    test('is looked at by `doctor`, whose words hold no password', async ({ place }) => {
      await place.redis();
      const postgres = await openDatabase(place);
      const good = await place.cli(['doctor']);
      expect(good.stdout).toContain('takes results');
      place.env.RESULTS_DATABASE_URL = postgres.url({ password: 'hidden' });
      const bad = await place.cli(['doctor']);
      const refused = await place.cli(['database', 'status']);

      expect(bad.exitCode).toBe(2);
      expect(bad.stdout).toContain('password authentication failed');
      expect([refused.exitCode, refused.stderr]).toEqual([
        2,
        expect.stringContaining('Check user and password'),
      ]);
      expect(good.stdout + bad.stdout + refused.stderr).not.toMatch(/:secret@|hidden/);
    });

    test.for([
      ['', 'RESULTS_DATABASE_URL is not set'],
      ['mysql://u:hidden@h/d', 'must be an address beginning with postgres://'],
      ['postgres://u:hidden@127.0.0.1:1/d', 'the connection was refused'],
    ] as const)(
      'is asked for in plain words with the address "%s"',
      async ([url, words], { place }) => {
        place.env.RESULTS_DATABASE_URL = url;
        const { exitCode, stderr } = await place.cli(['database', 'migrate']);
        expect(exitCode).toBe(url.includes(':1/') ? 75 : 2);
        expect(stderr).toContain(words);
        expect(stderr).not.toContain('hidden');
      },
    );
  });
