import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import type { Schedule } from '../../../../src/lib/core/schedule/schedule.ts';
import {
  labelOf,
  readRequest,
  shapeOf,
  type WrittenRequest,
} from '../../../../src/lib/requests/option.ts';
import { SCHEDULE_OPTIONS, scheduleOf } from '../../../../src/lib/requests/schedule-request.ts';
import {
  describeProblems,
  UnusableRequest,
} from '../../../../src/lib/requests/unusable-request.ts';
import { writeSchedule } from '../../../../src/lib/requests/write-schedule.ts';
import { exampleSchedule } from '../../../setup/examples/schedule.ts';

const FULL: Partial<Schedule> = {
  name: 'hourly-2',
  cron: '*/15 * * * *',
  zone: 'Europe/Berlin',
  manifest: 'https://clips.example/{yyyyMMdd_HHmm}.csv?sig=a,b=c',
  overlap: 'cancel-previous',
  catchUpMs: 90_000,
  unchanged: 'skip',
  only: ['new', 'failed'],
  reading: {
    map: { video_id: 'Clip = id', task_id: 'Order' },
    delimiter: '\t',
    format: 'tsv',
    sheet: '--odd',
  },
  options: {
    strictFps: true,
    maxFailures: { kind: 'count', rows: 12 },
    reuse: true,
    trialRows: 3,
  },
  priority: 70,
  maxSessions: 500,
  limit: 500,
  mends: 'clips-1a2b3c4d',
  finishBy: '06:00',
  window: { from: '22:00', to: '06:00' },
  keepAliveUntil: '18:00',
  tags: ['spring', 'Größe:2'],
  notify: { url: 'https://hooks.example/T0/secret', format: 'slack' },
};

const PLACE = { folder: null, machineZone: () => 'Asia/Taipei', nowMs: Date.UTC(2026, 0, 1) };
const understand = (name: string, written: WrittenRequest): Schedule =>
  scheduleOf(name, readRequest(SCHEDULE_OPTIONS, written), PLACE);

describe('a schedule that is written and read again', () => {
  it.each<[what: string, given: Partial<Schedule>]>([
    ['with every default', {}],
    ['with everything', FULL],
    ['that never catches up', { catchUpMs: 0 }],
    [
      'that never pauses',
      { options: { ...exampleSchedule().options, maxFailures: { kind: 'off' } } },
    ],
  ])('a schedule that is written and read again is the same %s', (_, given) => {
    const schedule = exampleSchedule(given);
    const written = writeSchedule(schedule);
    expect(understand(schedule.name, written)).toEqual(schedule);
    // As JSON from a program, which is not parsed like text.
    const sent = z.strictObject(shapeOf(SCHEDULE_OPTIONS)).parse(structuredClone(written));
    expect(scheduleOf(schedule.name, sent, PLACE)).toEqual(schedule);
  });
});

test.each<[what: string, wanted: WrittenRequest, message: RegExp]>([
  ['no times', { cron: '' }, /^cron is missing\.$/],
  [
    'times of no clock',
    { cron: '61 * * * *' },
    /^"61 \* \* \* \*" is not a usable cron expression/,
  ],
  [
    'a number of rows',
    { limit: 'many' },
    /^limit: "many" cannot be used\. Use a whole number from 1\.$/,
  ],
  [
    'a choice',
    { overlap: 'perhaps' },
    /^overlap: "perhaps" cannot be used\. Allowed choices are skip,/,
  ],
  [
    'a date in a path',
    { manifest: '/srv/{today}.csv' },
    /cannot be used\. \{today\} is not a date/,
  ],
  [
    'a folder of nobody',
    { manifest: 'clips.csv' },
    /^"clips\.csv" is neither an address nor an absolute path/,
  ],
  [
    'a role',
    { map: { video: 'Link' } },
    /^map: \{"video":"Link"\} cannot be used\. Write role=column/,
  ],
  [
    'a kind of rows',
    { only: 'new,odd' },
    /^only: \["new","odd"\] cannot be used\. Use new, failed/,
  ],
  ['a switch', { reuse: 'perhaps' }, /^reuse: "perhaps" cannot be used\. Use true or false\.$/],
  [
    'a list for one value',
    { sheet: { a: 'b' } },
    /^sheet: \{"a":"b"\} cannot be used\. Name a sheet\.$/,
  ],
  [
    'a report in the place of the manifest',
    { manifest: '/srv/clips.csv', out: '/srv/../srv/clips.csv' },
    /The report would replace the manifest; name another file\.$/,
  ],
  ['an unknown option', { catch: '1h' }, /^There is no option catch\.$/],
  [
    'several options, each once and in order',
    { tag: 'a b,c d', limit: '0' },
    /^limit: .* from 1\. tag: .* at most 20\.$/,
  ],
])('a refusal says what is wrong with %s', (_, wanted, message) => {
  const whole = { ...writeSchedule(exampleSchedule()), ...wanted };
  expect(() => understand('nightly', whole)).toThrow(message);
});

test('refusals use the labels of their form', () => {
  try {
    understand('nightly', { cron: '@daily', manifest: '/a.csv', maxFailures: 'half' });
    expect.unreachable();
  } catch (error) {
    if (!(error instanceof UnusableRequest)) throw error;
    expect(describeProblems(error.problems, (name) => labelOf(SCHEDULE_OPTIONS, name))).toBe(
      'Pause when this many fail: "half" cannot be used. Use a share such as 50%, a number of rows such as 50, or off.',
    );
  }
});

test('a list may hold texts with commas, as files and forms have them', () => {
  const { tags, only } = understand('nightly', {
    ...writeSchedule(exampleSchedule()),
    tag: ['spring, ads', 'spring'],
    only: 'failed, new',
  });
  expect([tags, only]).toEqual([
    ['spring', 'ads'],
    ['new', 'failed'],
  ]);
});
