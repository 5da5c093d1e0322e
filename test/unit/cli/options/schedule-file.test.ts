import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  readScheduleFile,
  type WantedSchedule,
} from '../../../../src/cli/options/schedule-file.ts';
import { exampleSchedule } from '../../../setup/examples/schedule.ts';

async function read(content: string): Promise<{ folder: string; wanted: WantedSchedule[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'schedule-file-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 's.yaml');
  await writeFile(path, content);
  const wanted = await readScheduleFile(path).catch((error: Error) => {
    throw new Error(error.message.replaceAll(`${folder}/`, ''));
  });
  return { folder, wanted };
}

test('its keys are the flags of `schedule set`', async () => {
  const { folder, wanted } = await read(`
schedules:
  nightly:
    cron: "0 2 * * *"
    tz: Asia/Taipei
    manifest: clips/{yyyy-MM-dd}.csv
    map: { video_url: Link }
    only: [new, failed]
    max-failures: 20%
    reuse: true
    strict-fps: false
    limit: 5
    paused: true
  hourly: { cron: "@hourly", tz: UTC, manifest: "https://x.example/a.csv" }
`);
  expect(wanted).toEqual([
    {
      schedule: exampleSchedule({
        manifest: `${folder}/clips/{yyyy-MM-dd}.csv`,
        reading: { map: { video_url: 'Link' }, delimiter: null, format: null, sheet: null },
        only: ['new', 'failed'],
        options: {
          strictFps: false,
          maxFailures: { kind: 'share', percent: 20 },
          reuse: true,
          trialRows: null,
        },
        limit: 5,
      }),
      isPaused: true,
    },
    {
      schedule: exampleSchedule({
        ...{ name: 'hourly', cron: '@hourly', zone: 'UTC', manifest: 'https://x.example/a.csv' },
      }),
      isPaused: undefined,
    },
  ]);
});

test('a file without schedules asks for none', async () => {
  expect((await read('schedules: {}\n')).wanted).toEqual([]);
});

const WHOLE =
  'the file must contain "schedules:", below it the schedules by name, and below each name its flags as in `schedule set`, without dashes.';
const GOOD = 'cron: "0 2 * * *", manifest: a.csv';

test.each([
  ['a list', '- cron: x\n', `s.yaml, line 1: ${WHOLE}`],
  ['nothing', '', `s.yaml: ${WHOLE}`],
  ['text', '\nnightly\n', `s.yaml, line 2: ${WHOLE}`],
  ['another key', `schedules:\n  a: {${GOOD}}\nmore: 1\n`, `s.yaml, line 1: ${WHOLE}`],
  ['a list of schedules', 'schedules:\n  - cron: x\n', `s.yaml, line 2: ${WHOLE}`],
  ['schedules that are missing', 'schedules:\n', `s.yaml, line 1: ${WHOLE}`],
  [
    'text for a schedule',
    'schedules:\n  a: 0 2 * * *\n',
    's.yaml, line 2, a: "a" must hold flags of `schedule set` without their dashes, such as `cron: "0 2 * * *"`; here is "0 2 * * *".',
  ],
  [
    'a flag that holds too much',
    'schedules:\n  a:\n    cron:\n      - [1]\n',
    's.yaml, line 4, a: "cron" must be a value, a list of values, or a map of names to values.',
  ],
  [
    'YAML that is broken',
    'schedules:\n  a: {cron: [1,\n',
    's.yaml, line 3: not valid YAML: the indentation differs from the lines above, or a bracket is not closed.',
  ],
  [
    'times without quotes',
    'schedules:\n  a:\n    cron: */5 * * * *\n',
    /^s\.yaml, line 3: not valid YAML: a value that begins with "\*".* put it in quotes, such as `cron: "\*\/5 \* \* \* \*"`\.$/,
  ],
  [
    'a key without its colon',
    'schedules:\n  a:\n    cron 0 2\n    tz: UTC\n',
    's.yaml, line 3: not valid YAML: the colon after a key is missing.',
  ],
  [
    'a key twice',
    `schedules:\n  a: {${GOOD}}\n  a: {${GOOD}}\n`,
    's.yaml, line 3: not valid YAML: this key appears twice; remove one.',
  ],
  [
    'an unknown flag',
    `schedules:\n  a:\n    cron: "0 2 * * *"\n    manifestt: x\n`,
    's.yaml, line 4, a: There is no option manifestt.',
  ],
  [
    'a value that cannot be',
    `schedules:\n  a:\n    cron: "0 2 * * *"\n    manifest: x\n    priority: 500\n`,
    /^s\.yaml, line 5, a: .*from 1 to 100\.$/,
  ],
  [
    'a flag that is missing',
    'schedules:\n  a: {cron: "0 2 * * *"}\n',
    's.yaml, line 2, a: manifest is missing.',
  ],
  [
    'what is wrong with several, all at once',
    `schedules:\n  a: {${GOOD}, paused: 3}\n  B: {${GOOD}}\n  c: {${GOOD}}\n`,
    /^s\.yaml, line 2, a: paused must be true or false\.\ns\.yaml, line 3, B: "B" cannot be a schedule's name: .*\.$/,
  ],
])('a file of schedules is refused: %s', async (_, content, message) => {
  await expect(read(content)).rejects.toThrow(
    typeof message === 'string' ? new Error(message) : message,
  );
});

test('a missing file', async () => {
  await expect(readScheduleFile('/nowhere/s.yaml')).rejects.toThrow(
    'There is no file /nowhere/s.yaml; check the path.',
  );
});
