import { Redis } from 'ioredis';
import { describe, expect } from 'vitest';
import { NO_ARRANGEMENTS } from '../../src/lib/core/batch/batch.ts';
import { createKeys } from '../../src/lib/store/keys.ts';
import { klingManifest, test } from './e2e-test.ts';

const NIGHT = ['--window', '22:00-06:00'];

describe.concurrent('a machine whose time zone has no name', () => {
  // The unit tests of `nameMachineZone` have the other ways to write one.
  test.for(['CST-8', ''])(
    'stores nothing, and says which TZ it is: "%s"',
    async (TZ, { place }) => {
      await place.redis();
      await place.api();
      await place.write('z.csv', klingManifest(1));
      const [window, deadline, schedule] = await Promise.all([
        place.cli(['import', 'z.csv', ...NIGHT], { env: { TZ } }),
        place.cli(['import', 'z.csv', '--finish-by', '06:00'], { env: { TZ } }),
        place.cli(['schedule', 'set', 'nightly', '--cron', '0 2 * * *', '--manifest', 'z.csv'], {
          env: { TZ },
        }),
      ]);
      for (const refused of [window, deadline, schedule]) {
        expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
        expect(refused?.stderr).toBe(
          `The time zone of this machine has no portable name: TZ is "${TZ}". Name one such as Asia/Taipei (--tz), or set TZ to one.\n`,
        );
      }
      expect(await place.cli(['batches'])).toMatchObject({ exitCode: 0, stdout: '' });
      const named = await place.cli(['import', 'z.csv', ...NIGHT, '--tz', 'Asia/Taipei'], {
        env: { TZ },
      });
      expect(named.exitCode).toBe(0);
      expect(
        (await place.cli(['import', 'z.csv', '--batch', 'any'], { env: { TZ } })).exitCode,
      ).toBe(0);
    },
  );
});

test.concurrent('a damaged batch is one line for everyone, breaks nothing else, and can be removed', async ({
  place,
}) => {
  const { url } = await place.redis();
  await place.api();
  await place.write('good.csv', klingManifest(3));
  await place.write('bad.csv', klingManifest(2));
  await place.cli(['import', 'bad.csv', '--batch', 'bad', ...NIGHT, '--tz', 'UTC']);
  const redis = new Redis(url);
  const window = { from: '22:00', to: '06:00' };
  const arrangements = JSON.stringify({ ...NO_ARRANGEMENTS, window });
  await redis.hset(createKeys().batch('bad'), 'arrangements', arrangements);
  const worker = place.start(['worker']);

  const good = await place.cli(['import', 'good.csv', '--batch', 'good', '--wait']);
  await worker.waitForText('batch cannot be read');
  const [list, json, status, cancel, again] = await Promise.all(
    [
      ['batches'],
      ['batches', '--json'],
      ['status', 'bad'],
      ['cancel', 'bad'],
      ['import', 'bad.csv', '--batch', 'bad', ...NIGHT, '--tz', 'UTC'],
    ].map((args) => place.cli(args)),
  );
  const removed = await place.cli(['batches', 'rm', 'bad']);
  const left = await redis.keys('*batch:bad*');
  redis.disconnect();

  const reason = 'Batch bad cannot be read: arrangements.window.zone';
  expect(good.exitCode).toBe(0);
  expect(list?.exitCode).toBe(0);
  expect(list?.stdout.split('\n')).toEqual([
    expect.stringMatching(/^good +completed/),
    expect.stringContaining(reason),
    '',
  ]);
  expect(
    json?.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([{ id: 'good' }, { id: 'bad', unreadable: expect.stringContaining(reason) }]);
  for (const refused of [status, cancel, again]) {
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused?.stderr).toMatch(
      /^Batch bad cannot be read: [^\n]*`kling-sessions batches rm bad` removes it\.\n$/,
    );
  }
  expect(removed).toMatchObject({ exitCode: 0, stdout: 'bad is removed.\n' });
  expect(left).toEqual([]);
  expect((await place.cli(['import', 'bad.csv', '--batch', 'bad'])).exitCode).toBe(0);
});

test.concurrent('a damaged schedule is one line of the list, and can be removed or set again', async ({
  place,
}) => {
  const { url } = await place.redis();
  const set = (name: string) =>
    place.cli([
      'schedule',
      'set',
      name,
      '--cron',
      '0 2 * * *',
      '--manifest',
      '/x.csv',
      '--tz',
      'UTC',
    ]);
  for (const name of ['alone', 'bad', 'worse']) await set(name);
  const redis = new Redis(url);
  for (const name of ['bad', 'worse']) {
    await redis.hset(createKeys().schedule(name), 'definition', '{}', 'isPaused', '?');
  }
  redis.disconnect();
  const list = await place.cli(['schedule', 'list']);
  const show = await place.cli(['schedule', 'show', 'bad']);
  const again = await set('bad');
  const removed = await place.cli(['schedule', 'remove', 'worse']);
  expect(list.exitCode).toBe(0);
  expect(list.stdout).toContain('alone');
  expect(list.stdout).toContain('Schedule bad cannot be read: ');
  expect(list.stdout).toContain('Schedule worse cannot be read: ');
  expect(show).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('cannot be read') });
  expect([again.exitCode, removed.exitCode]).toEqual([0, 0]);
  expect((await place.cli(['schedule', 'list'])).stdout).not.toContain('cannot be read');
});
