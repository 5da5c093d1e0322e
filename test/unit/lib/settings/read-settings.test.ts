import { expect, it } from 'vitest';
import { readSettings } from '../../../../src/lib/settings/read-settings.ts';

it('a refusal says for every unusable setting what it may be, in our words', () => {
  const read = readSettings({ LOG_LEVEL: 'loud', NOTIFY_FORMAT: '', API_CONCURRENCY: '0' });
  expect(read).toEqual({
    ok: false,
    problems: expect.arrayContaining([
      'LOG_LEVEL: "loud" is not usable: must be one of these (trace, debug, info, warn, error or silent).',
    ]),
  });
  expect(JSON.stringify(read)).not.toContain('Invalid');
});

it.each(['local', 'System', 'Asia/Taipeh'])(
  'a zone for the day of the sessions is refused if it is none, or another on each machine: %s',
  (zone) => {
    expect(readSettings({ SESSIONS_TIME_ZONE: zone })).toEqual({
      ok: false,
      problems: expect.arrayContaining([
        `SESSIONS_TIME_ZONE: "${zone}" is not usable: must be the name of a time zone, such as Asia/Taipei (IANA time zone).`,
      ]),
    });
  },
);
