import { expect, test } from 'vitest';
import type { RunState } from '../../../../../src/lib/core/schedule/schedule.ts';
import { scheduleLatenessMs } from '../../../../../src/lib/core/schedule/schedule-lateness.ts';
import { exampleSchedule } from '../../../../setup/examples/schedule.ts';

const at = (time: string): number => Date.parse(`2026-11-${time}:00Z`);
const MINUTE_MS = 60_000;

// Two o'clock in Taipei is 18:00 UTC.
test.each<
  [
    what: string,
    plannedUntil: string,
    run: [RunState, string] | null,
    isPaused: boolean,
    minutes: number,
  ]
>([
  ['before its time', '24T18:01', null, false, 0],
  ['when its time has passed and no worker has looked yet', '24T12:00', null, false, 5],
  ['when its time has passed and no worker was running', '23T12:00', null, false, 24 * 60 + 5],
  ['when its run is planned and waits', '24T18:00', ['waiting', '24T18:00'], false, 5],
  ['when its run has begun', '24T18:00', ['importing', '24T18:00'], false, 0],
  ['when its run was given up', '24T18:00', ['missed', '24T18:00'], false, 0],
  ['while it is paused', '23T12:00', null, true, 0],
  ['while it is paused and an earlier run waits', '24T18:00', ['waiting', '24T18:00'], true, 5],
])('a run is so late %s', (_, plannedUntil, run, isPaused, minutes) => {
  const nowMs = at('24T18:05');
  const kept = {
    schedule: exampleSchedule(),
    isPaused,
    plannedUntilMs: at(plannedUntil),
    createdAtMs: 0,
    setAtMs: 0,
  };
  const runs = run === null ? [] : [{ state: run[0], plannedAtMs: at(run[1]) }];
  expect(scheduleLatenessMs(kept, runs, nowMs) / MINUTE_MS).toBe(minutes);
});
