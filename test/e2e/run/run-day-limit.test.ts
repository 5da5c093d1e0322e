import { expect } from 'vitest';
import { klingManifest, test } from '../e2e-test.ts';

const DAY = { SESSIONS_PER_DAY: '2' };

test('a run without a terminal ends at the limit of the day, with its report, and a larger one lets it continue', async ({
  place,
}) => {
  const api = await place.api();
  await place.write('clips.csv', klingManifest(5));
  const first = await place.cli(['run', 'clips.csv'], { env: DAY });

  expect(first.exitCode).toBe(4);
  expect(first.stderr).toMatch(
    /The 2 sessions of this day \(SESSIONS_PER_DAY\) are used; calls continue at \d\d:\d\d:\d\d, in (\d+ h )?\d+ (min|s)\./,
  );
  expect(first.stderr).toContain('This command ends now; repeat the command then');
  const statuses = async () =>
    (await place.report('clips.results.csv')).map(({ kling_status: status }) => status);
  expect((await statuses()).filter((status) => status === 'succeeded')).toHaveLength(2);
  expect(await statuses()).toHaveLength(5);

  const again = await place.cli(['run', 'clips.csv'], { env: DAY });
  expect(again.exitCode).toBe(4);
  expect(api.calls).toHaveLength(2);

  const larger = await place.cli(['run', 'clips.csv'], { env: { SESSIONS_PER_DAY: '9' } });
  expect(larger.exitCode).toBe(0);
  expect(api.calls).toHaveLength(5);
  expect(new Set(await statuses())).toEqual(new Set(['succeeded']));
});

test('a run waits at the limit of the day on request', async ({ place }) => {
  const api = await place.api();
  await place.write('clips.csv', klingManifest(3));
  const args = ['run', 'clips.csv', '--no-exit-when-blocked'];
  const run = place.start(args, { env: { SESSIONS_PER_DAY: '1' } });
  await api.waitForCalls(1);
  await run.waitForText('SESSIONS_PER_DAY');
  run.kill('SIGINT');
  expect((await run.result()).exitCode).toBe(130);
  expect(api.calls).toHaveLength(1);
});
