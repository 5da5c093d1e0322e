import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const STUCK = fileURLToPath(new URL('./stuck-process.ts', import.meta.url));
/** The grace of 0.1 s, 5 s to leave, 2 s until it is killed, and a busy machine. */
const BOUND_MS = 30_000;

/** Cleans up after itself: among concurrent tests, `onTestFinished` may belong to another one. */
async function endOf(kind: string): Promise<{ code: number | null; signal: string | null }> {
  const folder = await mkdtemp(join(tmpdir(), 'stuck-'));
  const pipe = join(folder, 'pipe');
  await promisify(execFile)('mkfifo', [pipe]);
  const child = fork(STUCK, [kind, pipe], { execArgv: ['--import', 'tsx'] });
  try {
    await once(child, 'message');
    child.kill('SIGTERM');
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    return { code, signal };
  } finally {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true });
  }
}

describe.concurrent('a process that was told to stop', { timeout: BOUND_MS }, () => {
  test.each([
    ['ends by itself if nothing keeps it running', 'nothing', { code: 0, signal: null }],
    ['ends though something never settles', 'promise', { code: 130, signal: null }],
    ['ends though its command left something open', 'handle', { code: 130, signal: null }],
    ['ends though the system is stuck in a file', 'pipe', { code: null, signal: 'SIGKILL' }],
  ])('%s', async (_sentence, kind, expected) => {
    expect(await endOf(kind)).toEqual(expected);
  });
});
