import { describe, expect, it } from 'vitest';
import {
  describeEnd,
  findKeepAliveProblem,
  isEndOfKeepAlive,
  keepAliveUntil,
} from '../../../../../src/lib/core/renewal/keep-alive.ts';

const NOW_MS = Date.UTC(2026, 10, 29, 12, 0);
const inTaipei = (): string => 'Asia/Taipei';

describe('end of a keep-alive', () => {
  it('the end of a keep-alive has its date, which a history needs', () => {
    const untilMs = Date.UTC(2026, 10, 29, 10);
    expect(describeEnd({ untilMs, zone: 'Asia/Taipei' })).toBe('2026-11-29 18:00 (Asia/Taipei)');
  });

  it.each([
    ['18:00', '2026-11-30T10:00:00Z'],
    ['23:00', '2026-11-29T15:00:00Z'],
    ['2026-12-01', '2026-11-30T16:00:00Z'],
    ['2026-12-01 18:00', '2026-12-01T10:00:00Z'],
    ['2026-12-01T18:00:30', '2026-12-01T10:00:30Z'],
    ['2026-12-01T18:00Z', '2026-12-01T18:00:00Z'],
    ['2026-12-01T18:00-05:00', '2026-12-01T23:00:00Z'],
  ])('a keep-alive until %s in Taipei ends at %s', (text, expected) => {
    expect(isEndOfKeepAlive(text)).toBe(true);
    const { untilMs } = keepAliveUntil(text, inTaipei, NOW_MS);
    expect(new Date(untilMs).toISOString()).toBe(expected.replace('Z', '.000Z'));
  });

  it.each(['24:00', '6pm', '2026-02-30', '2026-12-01T25:00', '3d', ''])(
    'the end of a keep-alive cannot be %j',
    (text) => {
      expect(isEndOfKeepAlive(text)).toBe(false);
    },
  );

  it('the end of a keep-alive needs no zone if the text names its offset', () => {
    const fail = (): string => {
      throw new Error('asked for the zone');
    };
    expect(keepAliveUntil('2026-12-01T18:00+08:00', fail, NOW_MS)).toEqual({
      untilMs: Date.UTC(2026, 11, 1, 10),
      zone: 'UTC',
    });
  });

  it.each([
    [NOW_MS, 'That time has passed.'],
    [NOW_MS + 1, null],
    [NOW_MS + 30 * 86_400_000, null],
    [NOW_MS + 30 * 86_400_000 + 1, 'Sessions can be kept alive for at most 30 days from now.'],
  ])('a keep-alive until %i is judged by the present time', (untilMs, problem) => {
    expect(findKeepAliveProblem({ untilMs, zone: 'UTC' }, NOW_MS)).toBe(problem);
  });
});
