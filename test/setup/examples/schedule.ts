import type { Schedule } from '../../../src/lib/core/schedule/schedule.ts';

/** Every night at two in Taipei, with every default of the command line. */
export const exampleSchedule = (given: Partial<Schedule> = {}): Schedule => ({
  name: 'nightly',
  cron: '0 2 * * *',
  zone: 'Asia/Taipei',
  manifest: '/srv/clips/{yyyy-MM-dd}.csv',
  overlap: 'skip',
  catchUpMs: 12 * 3_600_000,
  unchanged: 'run',
  only: null,
  reading: { map: {}, delimiter: null, format: null, sheet: null },
  options: {
    strictFps: false,
    maxFailures: { kind: 'share', percent: 50 },
    reuse: false,
    trialRows: null,
  },
  priority: 10,
  maxSessions: null,
  keepAlive: null,
  keepAliveUntil: null,
  limit: null,
  continue: null,
  key: null,
  mends: null,
  finishBy: null,
  window: null,
  out: null,
  tags: [],
  notify: null,
  ...given,
});
