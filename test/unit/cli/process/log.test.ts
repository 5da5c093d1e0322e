import { closeSync, openSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished, test } from 'vitest';
import { chooseRunLogLevel, createLog } from '../../../../src/cli/process/log.ts';

test.each<{ given?: string; isInteractive: boolean; level: string; why: string }>([
  { given: 'debug', isInteractive: true, level: 'debug', why: 'asked for, it holds on a terminal' },
  { given: 'debug', isInteractive: false, level: 'debug', why: 'asked for, it holds elsewhere' },
  { isInteractive: true, level: 'silent', why: 'on a terminal the live line is enough' },
  { isInteractive: false, level: 'warn', why: 'elsewhere only what somebody should see' },
  { given: '', isInteractive: false, level: 'warn', why: 'an empty setting counts as none' },
])('run logs at $level: $why', ({ given, isInteractive, level }) => {
  expect(chooseRunLogLevel(given, isInteractive)).toBe(level);
});

/** Bytes of what cannot be collected. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  setFlagsFromString('--no-expose-gc');
  return process.memoryUsage().heapUsed;
}

test('a log on a full disk is not kept in memory', async () => {
  const fullDisk = openSync('/dev/full', 'w');
  onTestFinished(() => closeSync(fullDisk));
  const log = createLog('info', fullDisk);
  const beforeBytes = heldBytes();
  for (let count = 0; count < 30_000; count += 1) {
    log.info({ text: 'x'.repeat(1_000) }, 'event');
    if (count % 100 === 0) await setImmediate();
  }
  const keptBytes = heldBytes() - beforeBytes;
  log.info('it is still in use');
  expect(keptBytes).toBeLessThan(10_000_000);
});
