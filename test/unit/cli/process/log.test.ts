import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { chooseRunLogLevel, createLog } from '../../../../src/cli/process/log.ts';
import { collectGarbage } from '../../collect-garbage.ts';

test.each<{ given?: string; isInteractive: boolean; level: string; why: string }>([
  { given: 'debug', isInteractive: true, level: 'debug', why: 'asked for, it holds on a terminal' },
  { given: 'debug', isInteractive: false, level: 'debug', why: 'asked for, it holds elsewhere' },
  { isInteractive: true, level: 'silent', why: 'on a terminal the live line is enough' },
  { isInteractive: false, level: 'warn', why: 'elsewhere only what somebody should see' },
  { given: '', isInteractive: false, level: 'warn', why: 'an empty setting counts as none' },
])('run logs at $level: $why', ({ given, isInteractive, level }) => {
  expect(chooseRunLogLevel(given, isInteractive)).toBe(level);
});

/** Logs one line in this format and returns the output. */
const written = (format: 'auto' | 'json' | 'text', message: string): Promise<string> =>
  writtenBy(format, (log) => log.warn({ row: 7, cause: { message } }, 'gate closed'));

async function writtenBy(
  format: 'auto' | 'json' | 'text',
  write: (log: Logger) => void,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'kling-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'log');
  const fd = openSync(path, 'w');
  const log = await createLog('info', format, fd);
  write(log);
  closeSync(fd);
  return readFileSync(path, 'utf8');
}

test('a log that is no terminal has JSON lines', async () => {
  expect(JSON.parse(await written('auto', 'busy'))).toMatchObject({ row: 7, msg: 'gate closed' });
});

test('a line has its time, level, message and fields as text', async () => {
  expect(await written('text', 'busy')).toMatch(
    /^\[\d\d:\d\d:\d\d\] WARN.*gate closed \{"row":7,"cause":\{"message":"busy"\}\}\n$/,
  );
});

const lost = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

test('trouble with Redis is one line of text, with its reason', async () => {
  const text = await writtenBy('text', (log) => log.warn({ err: lost }, 'redis lost'));
  expect(text).toMatch(/^\[\d\d:\d\d:\d\d\] WARN.*redis lost: read ECONNRESET\n$/);
});

test('a stack is logged with a bug, but not with trouble of Redis', async () => {
  const [trouble, bug] = (
    await writtenBy('json', (log) => {
      log.warn({ err: lost }, 'redis lost');
      log.error({ err: new TypeError('no function') }, 'stage threw');
    })
  )
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).err);
  expect(trouble).toEqual({ type: 'Error', message: 'read ECONNRESET', code: 'ECONNRESET' });
  expect(bug).toMatchObject({ type: 'TypeError', stack: expect.stringContaining('log.test.ts') });
});

test('text from a server cannot control the terminal on which a log is read', async () => {
  const text = await written('text', 'red \u001b[31m, csi \u009b31m, bell \u0007, end');
  expect(text).toContain('red [31m, csi 31m, bell , end');
});

/** Bytes of what cannot be collected. */
function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

test('a log on a full disk is not kept in memory', async () => {
  const fullDisk = openSync('/dev/full', 'w');
  onTestFinished(() => closeSync(fullDisk));
  const log = await createLog('info', 'json', fullDisk);
  const beforeBytes = heldBytes();
  for (let count = 0; count < 30_000; count += 1) {
    log.info({ text: 'x'.repeat(1_000) }, 'event');
    if (count % 100 === 0) await setImmediate();
  }
  const keptBytes = heldBytes() - beforeBytes;
  log.info('it is still in use');
  expect(keptBytes).toBeLessThan(10_000_000);
});
