import { describe, expect, test } from 'vitest';
import type { RowCounts } from '../../../../../src/lib/core/batch/batch.ts';
import { decideDue } from '../../../../../src/lib/core/schedule/decide-due.ts';
import { decideOverlap } from '../../../../../src/lib/core/schedule/decide-overlap.ts';
import {
  hasRecovered,
  newRun,
  type RunReason,
  type ScheduleRun,
} from '../../../../../src/lib/core/schedule/schedule.ts';
import { countsOf } from '../../../../setup/examples/counts.ts';

const HOUR = 3_600_000;
const at = (hours: number): number => hours * HOUR;

describe('decideDue', () => {
  test.each([
    ['nothing before its time', [24], 23.99, null, []],
    ['a run at its time', [24], 24, [24, 'timer'], []],
    ['a run half a minute late is on time', [24], 24 + 1 / 120, [24, 'timer'], []],
    ['one that was missed is caught up on', [24], 30, [24, 'catch-up'], []],
    ['up to the limit, inclusive', [24], 36, [24, 'catch-up'], []],
    ['not after it', [24], 36.01, null, [24]],
    ['only the latest one runs', [0, 24, 48], 50, [48, 'catch-up'], [0, 24]],
    ['the latest one on time, although earlier ones were missed', [0, 24], 24, [24, 'timer'], [0]],
    ['times to come do not count', [0, 24, 48], 25, [24, 'catch-up'], [0]],
  ] as const)('%s', (_, planned, now, run, missed) => {
    const due = decideDue(planned.map(at), at(now), at(12));
    expect(due.run).toEqual(run && { plannedAtMs: at(run[0]), trigger: run[1] });
    expect(due.missed).toEqual(missed.map(at));
  });

  test('a run that is on time still runs without --catch-up', () => {
    expect(decideDue([at(24)], at(24) + 59_000, 0).run).not.toBeNull();
    expect(decideDue([at(24)], at(24) + 61_000, 0)).toEqual({ run: null, missed: [at(24)] });
  });
});

const run = (day: number, given: Partial<ScheduleRun> = {}): ScheduleRun => ({
  ...newRun(at(24 * day), 'timer'),
  ...given,
});
const running = run(1, { state: 'running', batchId: 'nightly-1' });

describe('decideOverlap', () => {
  const ended = run(1, { state: 'finished' });
  test.each([
    ['the first run starts', 'skip', [], 'start'],
    ['one after an ended one starts', 'skip', [ended], 'start'],
    ['skip: one after an open one is left out', 'skip', [running], 'skip'],
    ['also when that one waits', 'skip', [run(1)], 'skip'],
    ['queue: it waits', 'queue', [running], 'wait'],
    ['queue: behind those that wait', 'queue', [running, run(1.5)], 'wait'],
    ['cancel-previous: it takes the place', 'cancel-previous', [running], 'replace'],
    ['a later run that waits does not matter', 'skip', [run(3)], 'start'],
    ['one that has begun does', 'skip', [run(3, { state: 'importing' })], 'skip'],
  ] as const)('%s', (_, overlap, others, kind) => {
    const own = run(2);
    expect(decideOverlap(overlap, own, [...others, own]).kind).toBe(kind);
  });

  test('a run that is delayed names the batch that delays it', () => {
    expect(decideOverlap('skip', run(2), [running])).toMatchObject({
      sentence: 'The previous run had not ended (batch nightly-1).',
    });
  });

  test('the line behind a run that never ends is limited', () => {
    const waiting = Array.from({ length: 10 }, (_, index) => run(1 + index / 100));
    expect(decideOverlap('queue', run(2), [running, ...waiting.slice(1)]).kind).toBe('wait');
    expect(decideOverlap('queue', run(2), [running, ...waiting]).kind).toBe('skip');
  });
});

describe('hasRecovered', () => {
  const counts = (failed: number): RowCounts => countsOf({ succeeded: 3, duplicate: 1, failed });
  const good = (day: number): ScheduleRun => run(day, { state: 'finished', counts: counts(0) });
  const bad = (day: number): ScheduleRun => run(day, { state: 'finished', counts: counts(1) });
  const skipped = (day: number, code: RunReason): ScheduleRun =>
    run(day, { state: 'skipped', reason: { code, sentence: '' } });
  const cancelled = (day: number): ScheduleRun => ({
    ...bad(day),
    reason: { code: 'cancelled', sentence: '' },
  });

  test.each([
    ['the first run of all', [], false],
    ['after a good one', [good(1)], false],
    ['after rows without a session', [bad(1)], true],
    ['after a missed run', [run(1, { state: 'missed' })], true],
    ['after a missing manifest', [skipped(1, 'manifest_missing')], true],
    [
      'after an unchanged manifest, which says nothing',
      [good(0), skipped(1, 'manifest_unchanged')],
      false,
    ],
    [
      'over an unchanged manifest back to a bad run',
      [bad(0), skipped(1, 'manifest_unchanged')],
      true,
    ],
    ['after a cancelled batch, which was not announced', [good(0), cancelled(1)], false],
    ['over a cancelled batch back to a bad run', [bad(0), cancelled(1)], true],
    ['over a skipped overlap back to a bad run', [bad(0), skipped(1, 'overlap')], true],
    ['a good run long ago does not count', [good(0), bad(1)], true],
    ['a bad run long ago neither', [bad(0), good(1)], false],
  ])('%s', (_, before, expected) => {
    const own = good(2);
    expect(hasRecovered(own, [own, ...before, bad(3)])).toBe(expected);
  });

  test('a bad run is not a recovery', () => {
    expect(hasRecovered(bad(2), [bad(1), bad(2)])).toBe(false);
    const cancelled = { ...good(2), reason: { code: 'cancelled', sentence: '' } } as const;
    expect(hasRecovered(cancelled, [bad(1)])).toBe(false);
  });
});
