import { describe, expect, it } from 'vitest';
import {
  closeForDay,
  isClosedForDay,
  isUsedUpToday,
  reopenForDay,
  sessionsOfDay,
} from '../../../../../src/lib/core/gate/day-limit.ts';
import {
  enterGate,
  reportToGate,
  setLimits,
} from '../../../../../src/lib/core/gate/decide-gate.ts';
import { explainGate } from '../../../../../src/lib/core/gate/explain-gate.ts';
import { type Gate, newGate, openTimeMs } from '../../../../../src/lib/core/gate/gate.ts';

const NOW_MS = Date.UTC(2026, 10, 29, 12);
const HOUR_MS = 3_600_000;
const END_MS = NOW_MS + 12 * HOUR_MS;
const POLICY = {
  concurrency: 5,
  ratePerSecond: 0,
  sessionsPerDay: 500,
  throttlePauseMs: 10_000,
  blockedPauseMs: 60_000,
  throttleLimitMs: 900_000,
};
const open = newGate(NOW_MS - HOUR_MS);
const close = (gate: Gate, untilMs = END_MS): Gate =>
  closeForDay(gate, { perDay: 500, untilMs, nowMs: NOW_MS });

describe('gate whose day has no session left', () => {
  it('a gate whose day is used up lets no call start before the day ends, and opens by itself then', () => {
    const closed = close(open);
    expect(enterGate(closed, POLICY, NOW_MS + 1)).toEqual({ kind: 'wait', untilMs: END_MS });
    expect(enterGate(closed, POLICY, END_MS)).toMatchObject({ kind: 'pass', isTrialCall: false });
  });

  it('a gate whose day is used up does not count its time as open, so that no row is given up for it', () => {
    const closed = close(open);
    expect(openTimeMs(closed, END_MS)).toBe(HOUR_MS);
  });

  it('a gate whose day is used up closes once, however many calls are turned away', () => {
    const closed = close(open);
    expect(close(closed)).toBe(closed);
  });

  it('a gate whose day is used up says why and until when, and what changes it', () => {
    expect(explainGate(close(open), NOW_MS)).toMatch(
      /^The 500 sessions of this day \(SESSIONS_PER_DAY\) are used; calls continue at \d\d:\d\d:\d\d, in 12 h 0 min\. `kling-sessions gate set --sessions-per-day <n>`/,
    );
    expect(explainGate(close(open), END_MS)).toBeNull();
  });

  it.each([
    ['another limit', (gate: Gate) => setLimits(gate, { sessionsPerDay: 800 })],
    ['the limit of the settings', (gate: Gate) => setLimits(gate, { sessionsPerDay: null })],
    ['a session that was given back', reopenForDay],
  ])('a gate whose day is used up lets calls try again after %s', (_, change) => {
    const entry = enterGate(change(close(open)), POLICY, NOW_MS + 5);
    expect(entry).toMatchObject({ kind: 'pass', isTrialCall: false, gate: { mode: 'open' } });
  });

  it.each([
    ['a larger limit', 800],
    ['a smaller limit', 400],
    ['no limit', 0],
  ])(
    'a gate whose day is used up lets calls try again when the workers were started with %s',
    (_, sessionsPerDay) => {
      const policy = { ...POLICY, sessionsPerDay };
      const closed = close(open);
      expect(isUsedUpToday(closed, POLICY, NOW_MS)).toBe(true);
      expect(isUsedUpToday(closed, policy, NOW_MS)).toBe(false);
      const entry = enterGate(closed, policy, NOW_MS + 5);
      expect(entry).toMatchObject({ kind: 'pass', gate: { mode: 'open' } });
      const again = closeForDay((entry as { gate: Gate }).gate, {
        perDay: sessionsPerDay,
        untilMs: END_MS,
        nowMs: NOW_MS + 6,
      });
      expect(enterGate(again, policy, NOW_MS + 7)).toEqual({ kind: 'wait', untilMs: END_MS });
    },
  );

  it.each([
    ['the gate where the limits in force have none', close(open), 0, NOW_MS, 500],
    ['the limits in force where they have one', close(open), 800, NOW_MS, 800],
    ['no limit when the day has ended', close(open), 0, END_MS, 0],
    ['no limit when the gate may open', reopenForDay(close(open)), 0, NOW_MS, 0],
    ['no limit while the gate is open', open, 0, NOW_MS, 0],
  ])('the sessions of the day are those of %s', (_, gate, sessionsPerDay, nowMs, sessions) => {
    expect(sessionsOfDay(gate, { sessionsPerDay }, nowMs)).toBe(sessions);
  });

  it('a gate whose day is used up stays closed when another limit is set', () => {
    expect(isClosedForDay(setLimits(close(open), { concurrency: 2 }))).toBe(true);
    expect(enterGate(setLimits(close(open), { concurrency: 2 }), POLICY, NOW_MS + 5).kind).toBe(
      'wait',
    );
  });

  it('a gate whose day is used up is not opened by an earlier success, and a refused key still blocks it', () => {
    const closed = close(open);
    const at = { policy: POLICY, nowMs: NOW_MS + 5, random: 0 };
    const report = { rowId: 'a-1', isTrialCall: false, generation: open.generation };
    expect(isClosedForDay(reportToGate(closed, { ...report, failure: null }, at))).toBe(true);
    const failure = {
      kind: 'account',
      code: '1002',
      message: 'no',
      httpStatus: 401,
      requestId: null,
      retryAfterMs: null,
    } as const;
    expect(reportToGate(closed, { ...report, failure }, at).mode).toBe('blocked');
  });

  it('a gate whose day is used up keeps what the API said: a blocked gate stays blocked, a longer wait stays', () => {
    const blocked: Gate = {
      ...open,
      mode: 'blocked',
      needsTrialCall: true,
      untilMs: NOW_MS + 1,
      trialCallUntilMs: NOW_MS + 9,
    };
    expect(close(blocked)).toMatchObject({
      mode: 'blocked',
      untilMs: END_MS,
      trialCallUntilMs: null,
    });
    expect(reopenForDay(close(blocked))).toEqual(close(blocked));
    const waiting: Gate = { ...open, mode: 'closed', untilMs: END_MS + HOUR_MS };
    expect(close(waiting)).toMatchObject({ untilMs: END_MS + HOUR_MS });
  });
});
