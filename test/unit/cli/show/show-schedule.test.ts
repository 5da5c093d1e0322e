import { expect, test } from 'vitest';
import type { Terminal } from '../../../../src/cli/process/terminal.ts';
import {
  describeRun,
  describeSchedule,
  describeSettings,
} from '../../../../src/cli/show/show-schedule.ts';
import {
  newRun,
  type Schedule,
  type ScheduleRun,
} from '../../../../src/lib/core/schedule/schedule.ts';
import { reportOf, type ScheduleReport } from '../../../../src/lib/schedule/schedule-report.ts';
import { countsOf } from '../../../setup/examples/counts.ts';
import { exampleSchedule } from '../../../setup/examples/schedule.ts';

const at = (time: string): number => Date.parse(`2026-${time}Z`);

/** A terminal without colours. */
const terminal = { style: (_, text) => text } as Terminal;

const report = (given: Partial<Schedule> = {}, isPaused = false): ScheduleReport => {
  const kept = { isPaused, plannedUntilMs: 0, createdAtMs: 0, setAtMs: 0 };
  return reportOf({ ...kept, schedule: exampleSchedule(given) }, at('11-24T20:00:00'));
};

test('a schedule with its next five times, local and UTC', () => {
  expect(describeSchedule(terminal, report(), null)).toEqual([
    'nightly  "0 2 * * *"  Asia/Taipei  /srv/clips/{yyyy-MM-dd}.csv',
    '  next  2026-11-26 02:00 +08:00  2026-11-25 18:00 UTC',
    '        2026-11-27 02:00 +08:00  2026-11-26 18:00 UTC',
    '        2026-11-28 02:00 +08:00  2026-11-27 18:00 UTC',
    '        2026-11-29 02:00 +08:00  2026-11-28 18:00 UTC',
    '        2026-11-30 02:00 +08:00  2026-11-29 18:00 UTC',
  ]);
});

test('a paused one has no times and says how to resume it', () => {
  const last = newRun(at('11-24T18:00:00'), 'timer');
  expect(describeSchedule(terminal, report({}, true), last).slice(1)).toEqual([
    '  paused; `kling-sessions schedule resume nightly` continues it',
    '  last  2026-11-25 02:00 +08:00  waiting',
  ]);
});

test('settings are shown by the names of their flags, without secrets', () => {
  const notify = { url: 'https://hooks.example/T0/secret', format: 'slack' } as const;
  const settings = report({ notify, finishBy: '06:00', only: ['new', 'failed'] });
  expect(describeSettings(terminal, settings)).toBe(
    '  overlap skip · catch-up 12h · unchanged run · only new,failed · finish-by 06:00 · priority 10 · max-failures 50% · notify-url https://hooks.example/… · notify-format slack',
  );
});

const plannedAtMs = at('11-25T18:00:00');
const started = { startedAtMs: at('11-25T18:00:04'), batchId: 'nightly-20261126-020000' };
const finishedAtMs = at('11-25T19:30:00');

test.each<[string, Partial<ScheduleRun>, string]>([
  ['one that waits', {}, 'waiting'],
  [
    'one under way',
    { state: 'running', ...started },
    'running · started 02:00:04 · nightly-20261126-020000',
  ],
  [
    'a good one',
    { state: 'finished', ...started, finishedAtMs, counts: countsOf({ succeeded: 1_200 }) },
    'finished · started 02:00:04 · ended 03:30:00 · nightly-20261126-020000 · 1,200 rows',
  ],
  [
    'one with rows that failed, of the same manifest',
    {
      ...{ state: 'finished', ...started, finishedAtMs, isUnchanged: true },
      counts: countsOf({ succeeded: 1, failed: 2 }),
    },
    'finished · started 02:00:04 · ended 03:30:00 · nightly-20261126-020000 · 3 rows, 2 without a session · same manifest as before',
  ],
  [
    'one that was left out',
    {
      ...{ state: 'skipped', finishedAtMs },
      reason: { code: 'manifest_missing', sentence: 'There is no file x; check the path.' },
    },
    'skipped · There is no file x; check the path.',
  ],
])('a run: %s', (_, given, expected) => {
  const run = { ...newRun(plannedAtMs, 'timer'), ...given };
  expect(describeRun(run, 'Asia/Taipei')).toBe(`2026-11-26 02:00 +08:00  ${expected}`);
});

test.each([
  ['timer', '2026-11-25 18:00  waiting'],
  ['catch-up', '2026-11-25 18:00 (caught up)  waiting'],
  ['person', '2026-11-25 18:00 (by a person)  waiting'],
] as const)('the entry says who began a run: %s', (trigger, expected) => {
  expect(describeRun(newRun(plannedAtMs, trigger), 'UTC')).toBe(expected);
});
