import { expect, test } from 'vitest';
import { chooseRunLogLevel } from '../../../src/cli/log.ts';

test.each<{ given?: string; isInteractive: boolean; level: string; why: string }>([
  { given: 'debug', isInteractive: true, level: 'debug', why: 'asked for, it holds on a terminal' },
  { given: 'debug', isInteractive: false, level: 'debug', why: 'asked for, it holds elsewhere' },
  { isInteractive: true, level: 'silent', why: 'on a terminal the live line is enough' },
  { isInteractive: false, level: 'warn', why: 'elsewhere only what somebody should see' },
  { given: '', isInteractive: false, level: 'warn', why: 'an empty setting counts as none' },
])('run logs at $level: $why', ({ given, isInteractive, level }) => {
  expect(chooseRunLogLevel(given, isInteractive)).toBe(level);
});
