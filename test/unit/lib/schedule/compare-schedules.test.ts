import { expect, test } from 'vitest';
import type { Schedule } from '../../../../src/lib/core/schedule/schedule.ts';
import { compareSchedules } from '../../../../src/lib/schedule/compare-schedules.ts';
import { exampleSchedule } from '../../../setup/examples/schedule.ts';

const example = exampleSchedule();
const { options, reading } = example;
const signed = (signature: string): Partial<Schedule> => ({
  manifest: `https://x.example/a.csv?sig=${signature}`,
});
const webhook = (path: string): Partial<Schedule> => ({
  notify: { url: `https://hooks.example/${path}`, format: 'slack' },
});
const UNSHOWN = 'a different one, which is not shown';

test.each<[string, Partial<Schedule>, Partial<Schedule>, string[]]>([
  ['nothing', {}, {}, []],
  [
    'times',
    {},
    { cron: '0 3 * * *', zone: 'UTC' },
    ['cron: 0 2 * * * → 0 3 * * *', 'tz: Asia/Taipei → UTC'],
  ],
  ['12 hours', { catchUpMs: 0 }, {}, ['catch-up: 0s → 12h']],
  ['90 minutes', {}, { catchUpMs: 5_400_000 }, ['catch-up: 12h → 90m']],
  [
    'a day and a week',
    { catchUpMs: 86_400_000 },
    { catchUpMs: 604_800_000 },
    ['catch-up: 1d → 7d'],
  ],
  ['half a second', {}, { catchUpMs: 500 }, ['catch-up: 12h → 500ms']],
  [
    'what was not given',
    {},
    { only: ['new', 'failed'], finishBy: '06:00' },
    ['only: none → new,failed', 'finish-by: none → 06:00'],
  ],
  [
    'what is taken away',
    { window: { from: '22:00', to: '06:00' } },
    {},
    ['window: 22:00-06:00 → none'],
  ],
  ['a switch', {}, { options: { ...options, reuse: true } }, ['reuse: none → yes']],
  [
    'a limit',
    {},
    { options: { ...options, maxFailures: { kind: 'count', rows: 7 } } },
    ['max-failures: 50% → 7'],
  ],
  [
    'columns',
    {},
    { reading: { ...reading, map: { video_url: 'Link' }, delimiter: '\t' } },
    ['map: none → video_url=Link', 'delimiter: none → TAB'],
  ],
  [
    'a webhook, of which the host is shown',
    {},
    webhook('T0/secret'),
    ['notify-url: none → https://hooks.example/…', 'notify-format: none → slack'],
  ],
  [
    'another path of a webhook',
    webhook('a'),
    webhook('b'),
    [`notify-url: https://hooks.example/… → ${UNSHOWN}`],
  ],
  [
    'another signature',
    signed('one'),
    signed('two'),
    [`manifest: https://x.example/a.csv?… → ${UNSHOWN}`],
  ],
])('%s', (_, before, after, expected) => {
  const changes = compareSchedules(exampleSchedule(before), exampleSchedule(after));
  expect(changes.map(({ flag, from, to }) => `${flag}: ${from} → ${to}`)).toEqual(expected);
});
