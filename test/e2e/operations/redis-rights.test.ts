import { readFile } from 'node:fs/promises';
import { describe, expect, vi } from 'vitest';
import { tell } from '../../setup/redis/redis-groups.ts';
import { klingManifest, test, type Workplace } from '../e2e-test.ts';

/** A status is a process of its own. */
const PATIENTLY = { timeout: 60_000, interval: 500 };

/** Redis 7.0 does not say which command a script may not run. */
const SCRIPT_MAY_NOT = "(.*can't run this command|NOPERM .*'(zadd|hincrby)')";

/** The line of the handbook that a reader copies. */
async function documentedRights(): Promise<string[]> {
  const handbook = await readFile(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
  const line = /^ACL (SETUSER kling .*)$/m.exec(handbook)?.[1];
  if (line === undefined) throw new Error('docs/operations.md has no line "ACL SETUSER kling …"');
  return line.split(' ');
}

/**
 * A Redis in which the workplace's commands are the user `kling`; further rights may change what it may do. `admin` is
 * the address for a user with all rights.
 */
async function openRestricted(place: Workplace) {
  const { url, port } = await place.redis();
  const setUser = async (...rights: string[]): Promise<void> => {
    await tell(url, 'ACL', 'SETUSER', 'kling', ...rights);
  };
  const [, , ...rights] = await documentedRights();
  await setUser(...rights);
  place.env.REDIS_URL = `redis://kling:password@127.0.0.1:${port}`;
  return { setUser, admin: url };
}

/** A worker of that user in the middle of 40 rows. */
async function startInTheMiddle(place: Workplace) {
  const { setUser, admin } = await openRestricted(place);
  const api = await place.api({ delayMs: 100 });
  await place.write('clips.csv', klingManifest(40));
  const worker = place.start(['worker', '--api-concurrency', '2']);
  await place.cli(['import', 'clips.csv', '--batch', 'clips']);
  await api.waitForCalls(5);
  return { setUser, admin, api, worker };
}

describe.concurrent('a Redis user with the documented rights', () => {
  test('can do the whole job', async ({ place }) => {
    await openRestricted(place);
    await place.api();
    const videos = await place.videos();
    const rows = `${klingManifest(3).trimEnd().replace('\n', ',video_url\n').replaceAll(/(\d)$/gm, '$1,')}\n`;
    await place.write('clips.csv', `${rows}good,,,${videos.urlOf('good.mp4')}\n`);
    place.start(['worker']);

    const imported = await place.cli(['import', 'clips.csv', '--batch', 'clips', '--wait']);
    const rest = await Promise.all(
      [
        ['doctor'],
        ['batches'],
        ['pause', 'clips'],
        ['gate'],
        ['refresh', 'clips', '--all'],
        ['row', 'clips', '1'],
        [
          'schedule',
          'set',
          'nightly',
          '--cron',
          '0 2 * * *',
          '--manifest',
          place.path('clips.csv'),
        ],
        ['schedule', 'list'],
        ['verify', 'clips'],
      ].map((args) => place.cli(args)),
    );
    const removed = await place.cli(['batches', 'rm', 'clips', '--force']);

    expect(imported).toMatchObject({ exitCode: 0 });
    for (const { stdout, stderr } of [...rest, removed]) {
      expect(stdout + stderr).not.toMatch(/NOPERM|no permissions|user a right|user may not/);
    }
    expect(rest[0]?.stdout).toMatch(/ok +rights/);
  });

  test('without channels, ends every command with exit 2 and names the right; doctor names all', async ({
    place,
  }) => {
    const { setUser } = await openRestricted(place);
    await place.api();
    await setUser('resetchannels');
    await place.write('clips.csv', klingManifest(1));

    const [batches, imported, doctor] = await Promise.all([
      place.cli(['batches']),
      place.cli(['import', 'clips.csv']),
      place.cli(['doctor']),
    ]);

    for (const { exitCode, stderr } of [batches, imported]) {
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/^Redis refuses this user a right: NOPERM .*channels.*\n$/);
    }
    expect(doctor.exitCode).toBe(2);
    expect(doctor.stdout).toMatch(/bad +rights .*publish \(NOPERM.*subscribe \(NOPERM/);
  });

  test('loses a right while a worker runs: one line, no row lost, and the worker continues when it is back', async ({
    place,
  }) => {
    const { setUser, worker } = await startInTheMiddle(place);

    await setUser('-evalsha', '-eval');
    await worker.waitForText('redis refuses a right');
    const refused = await place.cli(['pause', 'clips']);
    await setUser('+evalsha', '+eval');
    const end = await place.cli(['import', 'clips.csv', '--batch', 'clips', '--wait']);

    expect(refused).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/^Redis refuses this user a right: NOPERM .*evalsha/),
    });
    expect(end.exitCode).toBe(0);
    expect(worker.stderrSoFar().match(/redis refuses a right/g)).toHaveLength(1);
    expect(worker.stderrSoFar()).not.toContain('engine error');
  });

  test.for([
    ['that its heartbeat needs', ['-evalsha'], "NOPERM .*'evalsha'"],
    ['that its heartbeat needs within its script', ['-zadd'], SCRIPT_MAY_NOT],
    ['that only its work needs', ['-hincrby'], SCRIPT_MAY_NOT],
  ] as const)(
    'loses a right %s: status by another user names it, and does not deny the worker',
    async ([, rights, named], { place }) => {
      const { setUser, admin, worker } = await startInTheMiddle(place);

      await setUser(...rights);
      await worker.waitForText('redis refuses a right');
      const status = async (): Promise<string> =>
        (await place.cli(['status', 'clips'], { env: { REDIS_URL: admin } })).stdout;
      await vi.waitFor(async () => {
        const sentence = `1 worker is running, but Redis refuses it a right: ${named}.* "Rights in Redis"`;
        expect(await status()).toMatch(new RegExp(sentence));
      }, PATIENTLY);

      await setUser(...rights.map((right) => right.replace('-', '+')));
      await vi.waitFor(async () => {
        expect(await status()).not.toMatch(/Redis refuses|No worker is running/);
      }, PATIENTLY);
    },
  );

  test('loses its channels while a worker runs: the worker continues without them, and no row is lost', async ({
    place,
  }) => {
    const { setUser, api, worker } = await startInTheMiddle(place);

    // Redis also closes connections that have subscribed to what they may no longer use.
    await setUser('resetchannels');
    await api.waitForCalls(40);
    await worker.waitForText('batch completed');
    await worker.waitForText('redis refuses its channels, continuing without');
    await setUser('&{kling-sessions}:*');
    await worker.waitForText('redis allows its channels again');

    const end = await place.cli(['import', 'clips.csv', '--batch', 'clips', '--wait']);
    expect(end.exitCode).toBe(0);
    expect(worker.isRunning).toBe(true);
    expect(worker.stderrSoFar().match(/redis refuses its channels/g)).toHaveLength(1);
    expect(worker.stderrSoFar()).not.toContain('engine error');
  });
});
