import { describe, expect, test } from 'vitest';
import { type Notice, noticeId } from '../../../../src/lib/notice/notice.ts';
import { batchNews } from './examples.ts';

const run = { schedule: 'nightly', plannedAtMs: 1_000, zone: 'UTC', notify: null };
const news = batchNews({ id: 'clips', finishedAtMs: 5 });

describe('noticeId', () => {
  test.each<[string, Notice, string]>([
    ['a batch and when it ended', { kind: 'finished', ...news }, 'finished-clips-5'],
    ['a recovery beside that', { kind: 'recovered', ...news }, 'recovered-clips-5'],
    [
      'a batch, whatever the estimate says by now',
      { kind: 'deadline_at_risk', ...news, expectedEndMs: 77, isAssumed: false },
      'deadline_at_risk-clips',
    ],
    [
      'a batch and the day on which its sessions expire',
      {
        kind: 'sessions_expire',
        ...news,
        sessions: 3,
        reason: 'It is paused.',
        atMs: 2.5 * 86_400_000,
      },
      'sessions_expire-clips-2',
    ],
    [
      'one blocking, however often a trial call has failed since',
      { kind: 'gate_blocked', sinceMs: 9, code: '1102', sentence: 'Blocked.' },
      'gate_blocked-9',
    ],
    [
      'a day and its limit, which may be raised',
      { kind: 'sessions_used_up', sinceMs: 9, untilMs: 77, perDay: 500, sentence: '' },
      'sessions_used_up-77-500',
    ],
    ['a planned run', { kind: 'run_missed', run }, 'run_missed-nightly-1000'],
    [
      'a planned run, whatever kept it from starting',
      { kind: 'run_skipped', run, why: 'manifest_missing', detail: 'There is no such file.' },
      'run_skipped-nightly-1000',
    ],
  ])('the id of a notice names %s', (_, notice, id) => {
    expect(noticeId(notice)).toBe(id);
  });

  test('the id of a notice distinguishes one end of a batch from the next', () => {
    const ends = [1, 2].map((finishedAtMs) => batchNews({ id: 'clips', finishedAtMs }));
    const ids = ends.map((end) => noticeId({ kind: 'finished', ...end }));
    expect(new Set(ids).size).toBe(2);
  });
});
