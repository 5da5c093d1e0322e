import { describe, expect, it } from 'vitest';
import { IMPORT_OPTIONS, keepAliveOf } from '../../../../src/lib/requests/import-request.ts';
import { readRequest } from '../../../../src/lib/requests/option.ts';
import { SCHEDULE_OPTIONS, scheduleOf } from '../../../../src/lib/requests/schedule-request.ts';

const NOW_MS = Date.UTC(2026, 10, 29, 12, 0);
const inTaipei = (): string => 'Asia/Taipei';

const read = (written: Record<string, string>) =>
  keepAliveOf(readRequest(IMPORT_OPTIONS, written), NOW_MS, inTaipei);

describe('how long sessions are kept alive', () => {
  it.each([
    [{ keepAlive: '36h' }, Date.UTC(2026, 11, 1), 'UTC'],
    [{ keepAliveUntil: '18:00' }, Date.UTC(2026, 10, 30, 10), 'Asia/Taipei'],
    [{ keepAliveUntil: '18:00', tz: 'UTC' }, Date.UTC(2026, 10, 29, 18), 'UTC'],
  ])('%o', (written, untilMs, zone) => {
    expect(read(written)).toEqual({ untilMs, zone });
  });

  it('keeping sessions alive is not asked for by default', () => {
    expect(read({})).toBeNull();
  });

  it.each([
    [{ keepAlive: '31d' }, 'Use a duration from 1m to 30d, such as 3d or 36h.'],
    [{ keepAlive: '30s' }, 'Use a duration from 1m to 30d, such as 3d or 36h.'],
    [{ keepAliveUntil: '25:00' }, 'Use a time of day such as 18:00'],
    [{ keepAliveUntil: '2020-01-01' }, 'That time has passed.'],
    [{ keepAliveUntil: '2090-01-01' }, 'at most 30 days from now'],
    [{ keepAlive: '1d', keepAliveUntil: '18:00' }, 'leave out one of the two'],
  ])('a time to keep sessions alive of %o is refused', (written, sentence) => {
    expect(() => read(written)).toThrow(sentence);
  });

  it.each([
    [{ keepAliveUntil: '2026-12-01' }, 'For a schedule, use a time of day such as 18:00.'],
    [{ keepAlive: '1d', keepAliveUntil: '18:00' }, 'leave out one of the two'],
  ])('a time to keep sessions alive of %o is refused for a schedule', (written, sentence) => {
    const request = readRequest(SCHEDULE_OPTIONS, {
      cron: '0 2 * * *',
      manifest: '/srv/clips.csv',
      ...written,
    });
    const place = { folder: null, machineZone: inTaipei, nowMs: NOW_MS };
    expect(() => scheduleOf('nightly', request, place)).toThrow(sentence);
  });
});
