import { describe, expect, it, test } from 'vitest';
import { scheduleDesk } from '../../../../src/cli/wiring/schedule-desk.ts';
import type { Schedule } from '../../../../src/lib/core/schedule/schedule.ts';
import { exampleSchedule } from '../../../setup/example-schedule.ts';

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
  limit: 500,
  mends: 'clips-1a2b3c4d',
  finishBy: '06:00',
  window: { from: '22:00', to: '06:00' },
  tags: ['spring', 'Größe:2'],
  notify: { url: 'https://hooks.example/T0/secret', format: 'slack' },
};

describe('a schedule that is written and understood again', () => {
  it.each<[what: string, given: Partial<Schedule>]>([
    ['with every default', {}],
    ['with everything', FULL],
    ['that never catches up', { catchUpMs: 0 }],
    [
      'that never pauses',
      { options: { ...exampleSchedule().options, maxFailures: { kind: 'off' } } },
    ],
  ])('is the same %s', (_, given) => {
    const schedule = exampleSchedule(given);
    const written = scheduleDesk.write(schedule);
    expect(scheduleDesk.understand(schedule.name, written)).toEqual({
      kind: 'understood',
      schedule,
    });
  });
});

test.each<[what: string, wanted: object, message: RegExp]>([
  ['no times', { cron: '' }, /^cron is missing\.$/],
  [
    'times of no clock',
    { cron: '61 * * * *' },
    /^"61 \* \* \* \*" is not a usable cron expression/,
  ],
  [
    'a number of rows',
    { limit: 'many' },
    /^limit: "many" cannot be used\. Use a whole number from 1\./,
  ],
  [
    'a choice',
    { overlap: 'perhaps' },
    /^overlap: "perhaps" cannot be used\. Allowed choices are skip,/,
  ],
  ['a date in a path', { manifest: '/srv/{today}.csv' }, /^\{today\} in manifest is no date/],
  [
    'a folder of nobody',
    { manifest: 'clips.csv' },
    /^"clips\.csv" is no address and no whole path/,
  ],
])('says what is wrong with %s, without the flags of the command line', (_, wanted, message) => {
  const whole = { ...scheduleDesk.write(exampleSchedule()), ...wanted };
  const understood = scheduleDesk.understand('nightly', whole as typeof whole);
  expect(understood).toEqual({ kind: 'refused', message: expect.stringMatching(message) });
});
