import { expect, test, vi } from 'vitest';
import { nameMachineZone } from '../../../../src/library/wiring/machine-zone.ts';

test.each(['CST-8', 'JST-9', 'UTC+8', 'utc', 'Asia/Taipeh', ''])(
  'a machine with the TZ "%s" has no zone that other machines could use',
  (tz) => {
    vi.stubEnv('TZ', tz);
    expect(() => nameMachineZone(tz)).toThrow(
      `The time zone of this machine has no portable name: TZ is "${tz}". Name one such as Asia/Taipei (--tz), or set TZ to one.`,
    );
  },
);

test.each(['Asia/Taipei', 'UTC'])('a machine with the TZ "%s" has its zone', (tz) => {
  vi.stubEnv('TZ', tz);
  expect(nameMachineZone(tz)).toBe(tz);
});
